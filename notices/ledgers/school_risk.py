"""在校生辍学风险台账: pupils of a school at risk of dropping out, absent or not, weekly."""

from notices.ledgers.definition import LedgerKind

KIND = LedgerKind(
    key="school_risk",
    name="在校生辍学风险台账",
    columns=(
        *("name", "sex", "birth_date", "birth_month", "id_number", "student_number", "school", "grade_class"),
        *("guardian", "guardian_relation", "phone", "address", "township", "village", "registered"),
        *("special_group", "groups", "risk_reason", "absent_from", "absent_days", "reason", "whereabouts", "found_on"),
        *("school_teachers", "school_ways", "school_persuaded_on", "school_visits", "school_effect"),
        *("measures", "helper", "reviewed", "contacted_on", "stage", "owner", "remark"),
    ),
    required=("name", "school", "reason", "stage"),
)
