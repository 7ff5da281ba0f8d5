"""What is posted to the administration; nothing here decides."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.files.refusals import DamagedFile
from yiwang.kernel.files.uploads import SealedUpload
from yiwang.kernel.org.actions import MOST_REASON, PersonFacts, UnitFacts
from yiwang.kernel.org.models import Level, Post, Unit

DAY = "%Y-%m-%d"


class DeskForm(forms.Form):
    """A form in the look of the desk; a refusal lands at the field it blames, or above the form."""

    use_required_attribute = False
    refusal: Refusal | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            is_list = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if is_list else "form-control")

    def take_refusal(self, refusal: Refusal) -> None:
        """Show what an action refused."""
        if refusal.field in self.fields:
            parts = [force_str(text) for text in (refusal.message, refusal.rule, refusal.remedy) if text]
            self.add_error(refusal.field, "。".join(parts))
        else:
            self.refusal = refusal


def day_field(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    """A day, with the browser's own picker where it has one."""
    widget = forms.DateInput(attrs={"type": "date"}, format=DAY)
    formats = [DAY, "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"]
    wrong = {"invalid": _("日期写成 2026-01-31 这样")}
    return forms.DateField(
        label=label, required=required, help_text=hint, widget=widget, input_formats=formats, error_messages=wrong
    )


class UnitForm(DeskForm):
    """A unit."""

    name = forms.CharField(label=_("单位名称"), max_length=100)
    short_name = forms.CharField(label=_("简称"), max_length=30, help_text=_("清单里用，如：资源股"))
    kind = forms.ChoiceField(label=_("类型"), choices=Unit.Type.choices)
    level = forms.TypedChoiceField(label=_("行使层级"), choices=Level.choices, coerce=int)
    division = forms.CharField(
        label=_("行政区划代码"), max_length=12, required=False, help_text=_("管哪里；办件按它找到单位")
    )
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=18, required=False)
    word = forms.CharField(label=_("文号代字"), max_length=20, required=False, help_text=_("如：青林"))
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    hours = forms.CharField(label=_("办公时间"), max_length=100, required=False)

    def facts(self) -> UnitFacts:
        """What was typed."""
        return UnitFacts(**self.cleaned_data)


class ReasonForm(DeskForm):
    """A reason for something that cannot be done in passing."""

    reason = forms.CharField(label=_("理由"), max_length=MOST_REASON)


class PostForm(DeskForm):
    """A post of a unit."""

    name = forms.CharField(label=_("岗位名称"), max_length=60, help_text=_("如：审查岗"))
    role = forms.CharField(
        label=_("角色代码"),
        max_length=40,
        help_text=_("流程图按它找岗位；已有的请照用"),
        widget=forms.TextInput(attrs={"list": "roles"}),
    )
    reach = forms.TypedChoiceField(label=_("能看到"), choices=Post.Reach.choices, coerce=int)


class PersonForm(DeskForm):
    """A member of staff."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    staff_number = forms.CharField(label=_("工号"), max_length=30, required=False, help_text=_("登录也用；不能重复"))
    certificate = forms.CharField(label=_("行政执法证号"), max_length=40, required=False)
    certificate_until = day_field(_("执法证有效期至"), required=False)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False, help_text=_("加密保存"))

    def facts(self) -> PersonFacts:
        """What was typed."""
        return PersonFacts(**self.cleaned_data)


class NewPersonForm(PersonForm):
    """A member of staff to be added; the telephone comes later."""

    phone = None  # type: ignore[assignment]  # Django's own way to take an inherited field out


class AppointForm(DeskForm):
    """A person into a post."""

    post = forms.TypedChoiceField(label=_("岗位"), coerce=int)
    since = day_field(_("任职日"))

    def __init__(self, *args: Any, posts: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = [("", _("请选岗位")), *posts]  # type: ignore[attr-defined]
        self.fields["since"].initial = today


class EndForm(DeskForm):
    """A person out of a post."""

    until = day_field(_("最后任职日"), hint=_("要立即免去的填昨天；可以填以后的日子，到期自动移交"))
    successor = forms.TypedChoiceField(label=_("名下在办的件交给"), coerce=int, empty_value=None, required=False)
    reason = forms.CharField(
        label=_("理由"), max_length=MOST_REASON, required=False, help_text=_("如：退休、调离、轮岗")
    )

    def __init__(self, *args: Any, colleagues: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pool = ("", _("退回岗位，由同岗的人领办"))
        self.fields["successor"].choices = [pool, *colleagues]  # type: ignore[attr-defined]
        self.fields["until"].initial = yesterday


class DayForm(DeskForm):
    """One day of the calendar put right."""

    day = day_field(_("日期"))
    is_work = forms.TypedChoiceField(
        label=_("安排"), choices=[("0", _("休")), ("1", _("班"))], coerce=lambda text: text == "1"
    )
    name = forms.CharField(label=_("名称"), max_length=40, help_text=_("如：省庆放假"))
    source = forms.CharField(label=_("依据"), max_length=200, help_text=_("通知名称和文号"))


class YearForm(DeskForm):
    """A year's arrangement, pasted or as a file."""

    year = forms.IntegerField(label=_("年份"), min_value=2000, max_value=2100)
    source = forms.CharField(label=_("依据"), max_length=200, help_text=_("通知名称和文号"))
    text = forms.CharField(
        label=_("粘贴内容"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("每行：日期,休或班,名称。如 2027-01-01,休,元旦"),
    )
    file = forms.FileField(label=_("或者上传 CSV 文件"), required=False, max_length=200)


class SheetForm(DeskForm):
    """A table of people and posts."""

    file = forms.FileField(label=_("填好的表格（.xlsx）"), max_length=200)


def content_of(file: object, most: int) -> bytes:
    """At most so many bytes of an uploaded file that is read and not kept. Raises the refusal the upload met."""
    if not isinstance(file, SealedUpload):
        raise DamagedFile()
    with file.plain() as stream:
        return stream.read(most)


def yesterday() -> date:
    """The day before today."""
    return today() - timedelta(days=1)


def words_of(text: str) -> str:
    """Words to look for: at most sixty signs that can be read, so that no database stumbles over them."""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:60]


def number_of(text: str) -> int:
    """A positive number that fits an id, else 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
