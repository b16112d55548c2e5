"""适龄儿童少年底数台账: every child of compulsory-school age of a place, monthly."""

from notices.ledgers.definition import LedgerKind

KIND = LedgerKind(
    key="children_base",
    name="适龄儿童少年底数台账",
    columns=(
        *("name", "sex", "birth_date", "birth_month", "id_number", "student_number"),
        *("guardian", "guardian_relation", "phone", "hukou", "address", "township", "village"),
        *("school", "grade_class", "entry_status", "school_elsewhere"),
        *("special_group", "groups", "at_risk", "risk_reason", "category", "owner", "remark"),
    ),
    required=("name", "entry_status", "special_group", "at_risk"),
)
