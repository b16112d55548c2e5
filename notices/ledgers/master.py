"""控辍保学总台账: every case of a place from finding to 销号, one file per child."""

from notices.ledgers.definition import LedgerKind

KIND = LedgerKind(
    key="master",
    name="控辍保学总台账",
    columns=(
        *("file_number", "name", "sex", "birth_date", "birth_month", "id_number", "student_number"),
        *("guardian", "guardian_relation", "phone", "hukou", "address", "township", "village"),
        *("school", "grade_class", "category", "special_group", "groups", "at_risk"),
        *("absent_from", "absent_days", "reason", "whereabouts", "found_on"),
        *("school_visits", "school_persuaded_on", "school_effect", "village_verified_on", "village_result"),
        *("reported_on", "township_visits", "first_visit", "last_visit", "township_result"),
        *("notice_number", "served_on", "deadline", "measures", "helper", "stage", "owner"),
        *("returned_on", "enrolment_restored_on", "outcome", "closed", "closed_on", "remark"),
    ),
    required=("file_number", "name", "stage", "closed", "closed_on"),
)
