"""Saved views on the staff site: made and changed from the tabs above a list, which they lead back to."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, resources
from core.admin.forms import RestoreForm
from core.admin.list_views import known_filters, view_address
from core.admin.lists import ResourceAdmin
from core.admin.scoped import ScopedAdmin
from core.choices import as_id
from core.saved_views import ListSettings, SavedView, normal_query, split

STORED = ("query", "order", "columns")


class ViewForm(forms.ModelForm):
    """`user` saves the view, of a list on `site`."""

    user: Any = None
    site: Any = None
    opens = forms.BooleanField(
        label=gettext_lazy("Open the list with this view"),
        required=False,
        help_text=gettext_lazy("For you alone."),
    )

    class Meta:
        model = SavedView
        fields = ("name", "is_shared", "list", *STORED)
        widgets: ClassVar[Any] = dict.fromkeys(("list", *STORED), forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["opens"].initial = ListSettings.of(self.user, self.instance.list).opens == self.instance.pk
        else:
            self.instance.user = self.user

    def clean_list(self) -> str:
        slug: str = self.cleaned_data["list"]
        if list_page(self.site, self.user, slug) is None:
            raise ValidationError(_("There is no such list."), "unknown")
        return slug

    def clean_name(self) -> str:
        """The constraint says it too, but not at the field."""
        name: str = self.cleaned_data["name"]
        slug = self.instance.list if self.instance.pk else self.data.get("list", "").replace("\x00", "")
        same = SavedView.objects.filter(user=self.instance.user, list=slug[:50], name=name.replace("\x00", ""))
        if same.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("You have a view of this name already. Choose another name."), "unique")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and not self.errors:
            page = list_page(self.site, self.user, cleaned["list"])
            cleaned.update(known_values(page, {name: cleaned[name] for name in STORED}))
        return cleaned


def list_page(site: Any, user: Any, slug: str) -> Any:
    """The admin class of a list that the user may see; None for any other."""
    resource = resources.everything().get(slug)
    page = site._registry.get(resource.model) if resource and access.may(user, "view", resource.model) else None
    return page if isinstance(page, ResourceAdmin) and page.resource.slug == slug else None


def known_values(page: Any, sent: Any) -> dict[str, str]:
    """What is stored of the filters, order and columns that were sent: those that the list has."""
    columns = page.list_columns
    order = (name for name in split(sent.get("order", "")) if columns.has(name.removeprefix("-")))
    return {
        "query": normal_query(known_filters(page, QueryDict(sent.get("query", "")))),
        "order": ",".join(order),
        "columns": ",".join(columns.known(split(sent.get("columns", "")))),
    }


@admin.register(SavedView)
class SavedViewAdmin(ScopedAdmin):
    form = ViewForm
    list_display = ("name", "list_name", "user", "is_shared")
    list_select_related = ("user",)
    search_fields = ("name",)

    @admin.display(description=gettext_lazy("List"), ordering="list")
    def list_name(self, view: SavedView) -> str:
        return str(capfirst(resources.get(view.list).model._meta.verbose_name_plural)) if self._exists(view) else ""

    def _exists(self, view: SavedView) -> bool:
        return view.list in resources.everything()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("ViewForm", (form,), {"user": request.user, "site": self.admin_site})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["name", "is_shared", "opens", "list", *STORED]
        return ["name", "is_shared", "opens"] if self._may(request, "change", obj) else ["name", "list_name", "user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("list_name",)

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=f"core_savedview_{name}")

        return [
            page("<int:pk>/update/", self.update_view, "update"),
            page("<int:pk>/remove/", self.remove_view, "remove"),
            page("<int:pk>/open-first/", self.open_first_view, "open_first"),
            *super().get_urls(),
        ]

    def _reach(self, request: HttpRequest, pk: Any, action: str) -> SavedView:
        found: SavedView | None = self.get_queryset(request).filter(pk=as_id(pk) or 0).first()
        if found is None:
            raise Http404
        if not self._may(request, action, found):
            raise PermissionDenied
        return found

    def _list(self, request: HttpRequest, view: SavedView | None = None, slug: str = "") -> str:
        """The address of the list, as the view has it if one is given; the start page where there is no such list."""
        page = list_page(self.admin_site, request.user, view.list if view else slug)
        if page is None:
            return reverse("admin:index")
        base = reverse(page._page("changelist"))
        return view_address(base, view) if view else f"{base}?view="

    # -- the forms

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        if self.has_view_permission(request):
            self._reach(request, object_id, "view")  # what is out of reach does not exist, whatever is sent
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._open_first(request, obj, form.cleaned_data.get("opens", False))

    def _open_first(self, request: HttpRequest, view: SavedView, opens: bool) -> None:
        now = ListSettings.of(request.user, view.list).opens
        if opens or now == view.pk:
            ListSettings.keep(request.user, view.list, opens=view.pk if opens else None)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._done(request, obj, _("The view “%(name)s” is saved."))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._done(request, obj, _("The view “%(name)s” is saved."))

    def _done(self, request: HttpRequest, view: SavedView, text: str) -> HttpResponse:
        messages.success(request, text % {"name": view.name})
        return HttpResponseRedirect(self._list(request, view))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        view = kwargs.get("obj")
        if view is not None and self._may(request, "change", view):
            url = reverse("admin:core_savedview_remove", args=[view.pk])
            context["actions"] = [{"label": _("Delete…"), "url": url, "tone": "red", "method": "get"}]
        return super().render_change_form(request, context, *args, **kwargs)

    # -- from the tabs

    def update_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stores the filters, order and columns that the list has now."""
        view = self._reach(request, pk, "change")
        page = list_page(self.admin_site, request.user, view.list)
        if request.method != "POST" or page is None:
            return HttpResponseRedirect(self._list(request, view))
        for name, value in known_values(page, request.POST).items():
            setattr(view, name, value)
        try:
            view.full_clean()
        except ValidationError:
            messages.error(request, _("This is too much for one view. Use fewer filters or columns."))
            return HttpResponseRedirect(self._list(request, view))
        view.save()
        return self._done(request, view, _("The view “%(name)s” is saved."))

    def open_first_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Opens the list with this view from now on, or no longer."""
        view = self._reach(request, pk, "view")
        if request.method == "POST":
            self._open_first(request, view, ListSettings.of(request.user, view.list).opens != view.pk)
        return HttpResponseRedirect(self._list(request, view))

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self._reach(request, pk, "change")
        if request.method == "POST":
            slug, name = view.list, view.name
            view.delete()
            messages.success(request, _("The view “%(name)s” is deleted.") % {"name": name})
            return HttpResponseRedirect(self._list(request, slug=slug))
        text = _("Nobody will have it any more.") if view.is_shared else _("The records of the list stay as they are.")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete this view?"), "record": view, "form": RestoreForm(), "opts": self.opts, "tone": "red",
            "description": text, "submit_label": _("Delete"), "cancel_url": self._list(request, view),
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_action.html", context)
