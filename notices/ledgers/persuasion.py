"""疑似辍学学生劝返登记台账: what school and township did for each child, from the fields of their record forms."""

from notices.ledgers.definition import LedgerKind

KIND = LedgerKind(
    key="persuasion",
    name="疑似辍学学生劝返登记台账",
    columns=(
        *("file_number", "name", "sex", "birth_date", "birth_month", "id_number", "student_number"),
        *("guardian", "guardian_relation", "phone", "address", "township", "village", "school", "grade_class"),
        *("special_group", "groups", "absent_from", "absent_days", "reason", "whereabouts"),
        *("school_teachers", "school_ways", "school_persuaded_on", "school_visits", "school_effect", "reported_on"),
        *("township_visits", "first_visit", "last_visit", "township_result"),
        *("notice_number", "served_on", "deadline", "returned_on", "closed", "closed_on", "stage", "owner", "remark"),
    ),
    required=("name", "school", "reason", "township_result"),
)
