"""帮扶台账: pupils helped without being absent (学困, 厌学, 有辍学倾向): helper, measures, reviews, how it ended."""

from notices.ledgers.definition import LedgerKind

KIND = LedgerKind(
    key="help_register",
    name="帮扶台账",
    columns=(
        *("name", "sex", "birth_date", "birth_month", "id_number", "student_number", "school", "grade_class"),
        *("guardian", "guardian_relation", "phone", "address", "township", "village", "special_group", "groups"),
        *("found_on", "reason", "measures", "helper", "reviewed", "contacted_on", "school_ways", "school_visits"),
        *("school_effect", "stage", "outcome", "closed_on", "remark"),
    ),
    required=("name", "school", "measures", "helper", "reviewed", "stage"),
)
