"""Forms of sign-in and registration. They tidy and bound what is typed; actions decide."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.org.models import Party
from yiwang.sites.identity.applicants import Applicant
from yiwang.sites.identity.models import Confirmation
from yiwang.sites.identity.rules import tidy_digits

LONG = 150


class TidyForm(forms.Form):
    """Fields in the look of the design system, described for readers aloud; takes over what a refusal says."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature, handed through
        for name, field in self.fields.items():
            if not isinstance(field.widget, forms.RadioSelect | forms.CheckboxInput):
                field.widget.attrs.setdefault("class", "yw-input")
            field.widget.attrs.setdefault("spellcheck", "false")
            self._describe(name, field)

    def _describe(self, name: str, field: forms.Field) -> None:
        bound = self[name]
        described = [f"{bound.auto_id}_helptext"] if field.help_text else []
        described += [f"{bound.auto_id}_error"] if self.is_bound and bound.errors else []
        if described:
            field.widget.attrs["aria-describedby"] = " ".join(described)

    @property
    def first_id(self) -> str:
        """Where a summary of errors leads when no single field is to blame."""
        return str(next(iter(self)).id_for_label)

    def take_refusal(self, refusal: Refusal) -> None:
        """Show a refusal at its field, or above all."""
        text = str(refusal.message)
        if refusal.remedy:
            text = gettext("%(message)s。%(remedy)s") % {"message": text, "remedy": refusal.remedy}
        self.add_error(refusal.field if refusal.field in self.fields else None, text)


def password_field(label: object, autocomplete: str, **more: object) -> forms.CharField:
    """A field that is never filled again after an error."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=LONG, strip=False, widget=widget, **more)  # type: ignore[arg-type]


def code_field(label: object) -> forms.CharField:
    """One field for the whole code: it can be pasted, read aloud and filled by the phone."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "yw-input yw-otp"}
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=attrs))  # type: ignore[arg-type]


class SignInForm(TidyForm):
    """Name and password."""

    login = forms.CharField(
        label=_("证件号码或手机号"), max_length=LONG, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = password_field(_("密码"), "current-password")
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class StaffSignInForm(SignInForm):
    """The same for staff."""

    login = forms.CharField(
        label=_("账号或工号"), max_length=LONG, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )


class CodeForm(TidyForm):
    """A one-time code of the app, of paper or of a telephone."""

    code = code_field(_("6 位数字"))


class NewPasswordMixin(forms.Form):
    """Two equal passwords."""

    def clean(self) -> dict[str, object]:
        """Refuse two different ones."""
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("两次输入的密码不一样"))
        return data


class RegisterForm(NewPasswordMixin, TidyForm):
    """A citizen or firm."""

    kind = forms.ChoiceField(
        label=_("办事人类型"), choices=Party.Type.choices, widget=forms.RadioSelect, initial=Party.Type.PERSON
    )
    name = forms.CharField(
        label=_("姓名或单位名称"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    id_number = forms.CharField(
        label=_("证件号码"),
        max_length=30,
        help_text=_("个人填身份证号码，单位填统一社会信用代码，都是 18 位"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    phone = forms.CharField(
        label=_("手机号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"})
    )
    password = password_field(_("密码"), "new-password")
    again = password_field(_("再输一次密码"), "new-password")
    agree = forms.BooleanField(
        label=_("我知道身份信息只用于办理政务服务事项，按《个人信息保护法》加密保存"),
        error_messages={"required": _("请阅读并勾选")},
    )

    def clean_id_number(self) -> str:
        """Capitals, no blanks."""
        return tidy_digits(self.cleaned_data["id_number"]).upper()

    def clean_phone(self) -> str:
        """No blanks or dashes."""
        return tidy_digits(self.cleaned_data["phone"])

    @property
    def who(self) -> Applicant:
        """What was typed, tidied."""
        data = self.cleaned_data
        return Applicant(data["kind"], data["name"].strip(), data["id_number"], data["phone"])


class ForgotForm(TidyForm):
    """Number and telephone of an account."""

    id_number = forms.CharField(label=_("证件号码"), max_length=30)
    phone = forms.CharField(label=_("登记的手机号"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"}))


class ResetForm(NewPasswordMixin, TidyForm):
    """Code and new password."""

    code = code_field(_("短信验证码"))
    password = password_field(_("新密码"), "new-password")
    again = password_field(_("再输一次新密码"), "new-password")


class PasswordForm(NewPasswordMixin, TidyForm):
    """Old and new password."""

    old = password_field(_("现在的密码"), "current-password")
    password = password_field(_("新密码"), "new-password")
    again = password_field(_("再输一次新密码"), "new-password")


class ReasonForm(TidyForm):
    """Why an officer does it."""

    reason = forms.CharField(label=_("理由"), max_length=200, widget=forms.TextInput)


class SeenForm(TidyForm):
    """A registered party stands at the counter."""

    id_number = forms.CharField(
        label=_("证件号码"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    paper = forms.ChoiceField(label=_("所看证件"), choices=Confirmation.Paper.choices)
    phone = forms.CharField(
        label=_("换手机号"),
        max_length=20,
        required=False,
        help_text=_("不换就不填；换了以后，原密码作废，原登录全部退出"),
    )

    def clean_id_number(self) -> str:
        """Capitals, no blanks."""
        return tidy_digits(self.cleaned_data["id_number"]).upper()

    def clean_phone(self) -> str:
        """No blanks or dashes."""
        return tidy_digits(self.cleaned_data["phone"])


class VillagerForm(SeenForm):
    """Somebody without an account stands at the counter."""

    field_order = ("kind", "name", "id_number", "paper", "phone", "address", "consent")

    kind = forms.ChoiceField(label=_("办事人类型"), choices=Party.Type.choices, initial=Party.Type.PERSON)
    name = forms.CharField(label=_("姓名或单位名称"), max_length=100)
    phone = forms.CharField(label=_("手机号"), max_length=20, required=False, help_text=_("没有手机的不填"))
    address = forms.CharField(label=_("住址"), max_length=200, required=False)
    consent = forms.FileField(
        label=_("签字的同意书"),
        help_text=_("拍照或扫描：本人同意由窗口代为登记和申请，并同意处理身份证号码（个人信息保护法第二十九条）"),
        allow_empty_file=True,
    )

    @property
    def who(self) -> Applicant:
        """What was typed, tidied."""
        data = self.cleaned_data
        return Applicant(data["kind"], data["name"].strip(), data["id_number"], data["phone"])
