"""未入学适龄儿童少年情况登记表: children of school age found outside every school, and how they were brought in."""

from notices.ledgers.definition import LedgerKind

KIND = LedgerKind(
    key="never_enrolled",
    name="未入学适龄儿童少年情况登记表",
    columns=(
        *("township", "village", "name", "sex", "birth_date", "birth_month", "id_number", "hukou", "address"),
        *("guardian", "guardian_relation", "phone", "group_boxes", "groups", "due_grade", "not_enrolled_reason"),
        *("whereabouts", "found_on", "township_visits", "first_visit", "last_visit", "township_result"),
        *("notice_number", "served_on", "deadline", "owner", "remark"),
    ),
    required=("name", "not_enrolled_reason", "township_result"),
)
