"""The board beside a list: the same records by stage, as cards that are moved on (`core.boards`)."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import access, boards
from core.admin.bulk import BulkPages
from core.admin.changelist import ResourceChangeList, query_string
from core.admin.forms import VERSION, move_form
from core.admin.links import add_url, list_url, record_url
from core.boards import Board, Column
from core.list_plan import MOST_COUNTED
from core.records import StaleRecord

STALE = 412


class BoardChangeList(ResourceChangeList):
    """The list's filters without its rows."""

    def get_results(self, request: Any) -> None:
        self.result_list, self.result_count, self.full_result_count = [], 0, None
        self.can_show_all, self.multi_page, self.show_admin_actions = False, False, False
        self.show_full_result_count = False


class BoardPages(BulkPages):
    """Pages of the board for models that have one."""

    @property
    def board(self) -> Board | None:
        return boards.for_model(self.model)

    def get_urls(self) -> list[Any]:
        if self.board is None:
            return super().get_urls()

        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=self._page(name).split(":")[1])

        return [
            page("board/", self.board_view, "board"),
            page("board/<slug:stage>/", self.column_view, "board_column"),
            page("<int:pk>/board-move/<slug:to>/", self.board_move_view, "board_move"),
            *super().get_urls(),
        ]

    # -- reading

    def list_views(self, request: HttpRequest, current: str) -> list[dict[str, Any]]:
        """List | Board, each with the filters of the other."""
        if self.board is None:
            return []
        views = (("list", _("List"), "changelist", "list"), ("board", _("Board"), "board", "board"))
        return [
            {"label": label, "icon": icon, "url": reverse(self._page(page)) + query_string(request.GET),
             "current": name == current}
            for name, label, page, icon in views
        ]  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        views = {"list_views": self.list_views(request, "list")}
        return super().changelist_view(request, {**views, **(extra_context or {})})

    def _filtered(self, request: HttpRequest) -> BoardChangeList:
        return BoardChangeList(
            request, self.model, ["pk"], (), (), None, self.get_search_fields(request), False, self.list_per_page,
            self.list_max_show_all, self.list_editable, self, (), None,
        )  # fmt: skip

    def board_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        changelist, board = self._filtered(request), self._the_board
        columns = boards.columns(board, changelist.filterset.qs if changelist.filterset.is_valid() else self._none())
        drawn = self._drawn(request, columns)
        add = add_url(self.model) if self.has_add_permission(request) else ""
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(str(self.opts.verbose_name_plural)), "opts": self.opts, "cl": changelist,
            "columns": drawn, "filter_form": changelist.filter_form, "active_filters": changelist.active_filters,
            "board_query": query_string(request.GET), "list_views": self.list_views(request, "board"), "add_url": add,
            "shown_first": next((column.stage for column in columns if column.cards), columns[0].stage),
        }  # fmt: skip
        return TemplateResponse(request, "admin/board.html", context)

    def _none(self) -> Any:
        return self.model._default_manager.none()

    @property
    def _the_board(self) -> Board:
        board = self.board
        if board is None:
            raise Http404
        return board

    def _drawn(self, request: HttpRequest, columns: list[Column], start: int = 0) -> list[dict[str, Any]]:
        """What the templates draw of each column: its head, and its cards with the reader's rights to them."""
        pks = [record.pk for column in columns for record in column.cards]
        queryset = self.model._default_manager.filter(pk__in=pks, archived_at__isnull=True)
        movable = set(access.scoped(request.user, queryset, "change").values_list("pk", flat=True)) if pks else set()
        return [
            {
                "column": column,
                "number": f"{number_format(MOST_COUNTED)}+" if column.is_open else number_format(column.count),
                "cards": [self._card(record, record.pk in movable) for record in column.cards],
                "more_url": self._more_url(request, column, start + boards.CARDS),
                "list_url": self._list_url(request, column),
            }
            for column in columns
        ]

    def _list_url(self, request: HttpRequest, column: Column) -> str:
        """The list of what is in the column."""
        query = request.GET.copy()
        query.pop("start", None)
        query[column.board.flow.field] = column.stage
        return list_url(self.model) + query_string(query)

    def _more_url(self, request: HttpRequest, column: Column, start: int) -> str:
        if column.count <= start and not column.is_open:
            return ""
        query = request.GET.copy()
        query["start"] = str(start)
        return reverse(self._page("board_column"), args=[column.stage]) + query_string(query)

    def _card(self, record: Any, movable: bool) -> dict[str, Any]:
        return {
            "record": record, "card": self._the_board.card(record), "url": record_url(record), "movable": movable,
            "owner": getattr(record, "owner", None),
            "move_url": reverse(self._page("board_move"), args=[record.pk, "to"]),
        }  # fmt: skip

    def _column(self, request: HttpRequest, stage: str) -> Column:
        board = self._the_board
        label = dict(board.stages).get(stage)
        if label is None:
            raise Http404
        changelist = self._filtered(request)
        queryset = changelist.filterset.qs if changelist.filterset.is_valid() else self._none()
        return Column(board, stage, label, queryset)

    def column_view(self, request: HttpRequest, stage: str) -> HttpResponse:
        """Further cards of one column, as a piece of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get("start", "0")
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Http404
        column = self._column(request, stage)
        boards.fill({column: column.pks(int(text))})
        (drawn,) = self._drawn(request, [column], int(text))
        return TemplateResponse(request, "admin/includes/board_cards.html", {"drawn": drawn})

    # -- moving

    def board_move_view(self, request: HttpRequest, pk: int, to: str) -> HttpResponse:
        """GET: the questions of this move, as a piece of the page. POST: moves, and answers the card and the heads of
        both columns, or why not. Without the script people use the page of the move itself."""
        record, board = self._reach(request, pk, "change"), self._the_board
        if to not in board.flow.choices(record):
            raise Http404
        form = move_form(request.user, record, board.flow, to, request.POST if request.method == "POST" else None)
        if request.method != "POST":
            return TemplateResponse(request, "admin/includes/plain_fields.html", {"form": form})
        if request.POST.get(VERSION) != str(record.version):
            return self._refused(form, _("Somebody else changed this record meanwhile. Load the board again."), STALE)
        before = getattr(record, board.flow.field)
        try:
            if not form.is_valid():
                return self._refused(form)
            board.flow.move(record, to, **form.cleaned_data)
        except StaleRecord:
            return self._refused(form, _("Somebody else changed this record meanwhile. Load the board again."), STALE)
        except ValidationError as error:
            self._note(form, error)
            return self._refused(form)
        return self._moved(request, record, before, to)

    def _note(self, form: forms.Form, error: ValidationError) -> None:
        for name, errors in getattr(error, "error_dict", {None: error}).items():
            form.add_error(name if name in form.fields else None, errors)

    def _refused(self, form: forms.Form, message: str = "", status: int = 400) -> JsonResponse:
        """With the questions again where an answer to them would help."""
        asked = {name for name in form.errors if name in form.fields}
        texts = [message] if message else [str(text) for text in form.non_field_errors()]
        fields = render_to_string("admin/includes/plain_fields.html", {"form": form}) if asked else ""
        return JsonResponse({"message": " ".join(texts), "form": fields}, status=status)

    def _moved(self, request: HttpRequest, record: Any, before: str, to: str) -> JsonResponse:
        columns = [self._column(request, stage) for stage in (before, to)]
        chosen = {columns[0]: [], columns[1]: [record.pk]}
        boards.fill(chosen)
        drawn = self._drawn(request, columns)
        heads = {one["column"].stage: render_to_string("admin/includes/board_head.html", one) for one in drawn}
        html = render_to_string("admin/includes/board_card.html", {"item": drawn[1]["cards"][0]})
        return JsonResponse(
            {"card": html, "heads": heads, "message": _("“%(record)s” is moved on.") % {"record": record}}
        )
