"""The two small forms of strangers: number and code. Everything else is asked by definitions."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 60


class NumberAndCode(forms.Form):
    """A number and a secret code, tidied as people type them: blanks, full-width letters, small letters."""

    number = forms.CharField(label=_("编号"), max_length=LONGEST)
    code = forms.CharField(label=_("码"), max_length=LONGEST)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature, handed through
        for name, field in self.fields.items():
            bound = self[name]
            described = [f"{bound.auto_id}_helptext"] if field.help_text else []
            described += [f"{bound.auto_id}_error"] if self.is_bound and bound.errors else []
            field.widget.attrs |= {"class": "yw-input", "autocomplete": "off", "spellcheck": "false"}
            if described:
                field.widget.attrs["aria-describedby"] = " ".join(described)

    @property
    def first_id(self) -> str:
        """Where a summary of errors leads when no single field is to blame."""
        return str(self["number"].id_for_label)


class TrackForm(NumberAndCode):
    """Number and tracking code of a case 查询码."""

    number = forms.CharField(label=_("办件编号"), max_length=LONGEST, error_messages={"required": _("请输入办件编号")})
    code = forms.CharField(label=_("查询码"), max_length=LONGEST, error_messages={"required": _("请输入查询码")})


class VerifyForm(NumberAndCode):
    """Number and verification code of a certificate 核验码."""

    number = forms.CharField(label=_("证书编号"), max_length=LONGEST, error_messages={"required": _("请输入证书编号")})
    code = forms.CharField(label=_("核验码"), max_length=LONGEST, error_messages={"required": _("请输入核验码")})


class WhomForm(forms.Form):
    """Whom a clerk files for, by the number on the paper in his hand."""

    id_number = forms.CharField(
        label=_("申请人的证件号码"), max_length=LONGEST, error_messages={"required": _("请输入证件号码")}
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own signature, handed through
        self.fields["id_number"].widget.attrs |= {"class": "yw-input", "autocomplete": "off"}

    @property
    def first_id(self) -> str:
        """Where a summary of errors leads."""
        return str(self["id_number"].id_for_label)
