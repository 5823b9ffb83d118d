"""The board of leads."""

from django.utils.translation import gettext_lazy as _

from core import boards
from core.boards import Board, Card, Sums
from core.currencies import short_amount
from crm.leads import STAGE_FLOW, Lead
from crm.panels import STAGE_TONES, due_cell

URGENT_FIRST = ("next_step_on", "-created_at")
NEWEST_FIRST = ("-created_at",)


def lead_card(lead: Lead) -> Card:
    is_open = lead.stage not in Lead.ENDS
    return Card(
        about=str(lead.organization),
        step=lead.next_step if is_open else "",
        due=due_cell(lead) if is_open else "",
        amount=short_amount(lead.interest_amount, lead.interest_currency) if lead.interest_amount else "",
        likelihood=lead.likelihood,
    )


boards.register(
    Board(
        model=Lead,
        flow=STAGE_FLOW,
        card=lead_card,
        order=lambda stage: NEWEST_FIRST if stage in Lead.ENDS else URGENT_FIRST,
        sums=lambda stage: Sums("interest_amount", "interest_currency", _("Interest")),
        read_along=lambda leads: leads.select_related("organization", "owner"),
        tones=STAGE_TONES,
    )
)
