"""Wire the apps together: fill the hooks when Django has loaded them all."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the hooks. The modules hold models, so they load only now, when the registry is complete."""
        from agencies import hooks  # noqa: PLC0415
        from cases.actions import calendar, corrections, handing, opening  # noqa: PLC0415
        from cases.actions.mergers import cases_follow  # noqa: PLC0415
        from cases.queries.handing import held_in_person  # noqa: PLC0415
        from cases.queries.mergers import cases_held  # noqa: PLC0415
        from cases.web import beside_cases, entry_values, record_of, sees_phone  # noqa: PLC0415
        from config import jobs  # noqa: PLC0415
        from config.audit_codes import CODES  # noqa: PLC0415
        from config.beside import drafts_to_sign, plans_past_their_end, unit_duties_overdue  # noqa: PLC0415
        from config.sqlite import widen_statements  # noqa: PLC0415
        from notices.actions.mergers import drafts_follow  # noqa: PLC0415
        from notices.queries.materials import materials_typed  # noqa: PLC0415
        from notices.queries.mergers import papers_held  # noqa: PLC0415
        from notices.queries.scans import needed_for_service  # noqa: PLC0415
        from students.actions.mergers import children_follow  # noqa: PLC0415
        from students.actions.proofs import withdrawal_bars  # noqa: PLC0415
        from students.queries.mergers import children_held  # noqa: PLC0415
        from students.web import record_known, sees_whole_phone  # noqa: PLC0415

        if opening.on_child_facts not in hooks.after_child_facts:
            hooks.after_child_facts.append(opening.on_child_facts)
            hooks.after_calendar_change.append(calendar.on_calendar_change)
            hooks.correction_checks.append(corrections.children_losing_duties)
            hooks.open_duties.append(held_in_person)
            hooks.after_hand_over.append(handing.pass_cases)
            # Cases before children: whose they are is asked of where the children lived; drafts go where cases went.
            hooks.after_unit_move += [cases_follow, children_follow, drafts_follow]
            hooks.held_by_unit += [children_held, cases_held, papers_held]
            sees_whole_phone.append(sees_phone)
            record_known.append(record_of)
            beside_cases += [drafts_to_sign, unit_duties_overdue, plans_past_their_end]
            entry_values.append(materials_typed)
            hooks.audit_codes.update(CODES)
            withdrawal_bars.append(needed_for_service)
            jobs.connect()
            widen_statements()
