"""What changing the organisation refuses, and what to do then."""

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotPermitted, Refusal, Text


class NotSystemOfficer(NotPermitted):
    """Only the system officer changes units, posts and people; what they may do is confirmed by another (三员分立)."""

    message: Text = _("只有系统管理员可以改机构、岗位和人员")
    rule: Text = _("GB/T 22239-2019 8.1.4.2 访问控制（管理权限分离）")
    remedy: Text = _("请系统管理员来改")


class UnitInUse(Refusal):
    """People, units below or open work still hang on the unit; `facts` gives the numbers."""

    message: Text = _("这个单位还不能撤")
    remedy: Text = _("先免去任职、撤下级单位、办结或转出在办的件，再撤这个单位")


class UnitIsClosed(Refusal):
    """A closed unit takes no posts, people or units."""

    message: Text = _("这个单位已经撤销")
    remedy: Text = _("请选别的单位，或者先恢复它")


class HoldingEnded(Refusal):
    """The holding has ended already; the past is not rewritten."""

    message: Text = _("这个任职已经结束")
    remedy: Text = _("要再任职的，重新任命")


class SuccessorNeeded(InvalidInput):
    """Only a colleague who holds the same post on that day can take over."""

    message: Text = _("接手人在那一天不在这个岗位上")
    remedy: Text = _("先任命接手人到这个岗位，或者不选接手人，件退回岗位由同岗的人领办")


class NumberTaken(InvalidInput):
    """Two people cannot have one staff number: it signs in and names who acted."""

    message: Text = _("这个工号已经有人用")
    remedy: Text = _("请核对工号；同一个人不要加两次")


class OfficerHoldsNoPost(Refusal):
    """None of the three officers holds a business post (三员)."""

    message: Text = _("系统、安全保密、审计管理员不能任业务岗位")
    rule: Text = _("GB/T 22239-2019 8.1.4.2 访问控制（管理权限分离）")
    remedy: Text = _("先由安全保密管理员停用他的管理员账号")


class ImportFaulty(InvalidInput):
    """Lines of the table are wrong; nothing was taken."""

    message: Text = _("表里有错的行，没有导入")
    remedy: Text = _("改好重新上传，或者选择只导入对的行")


class ImportSettled(Refusal):
    """The import was taken, undone or dropped already."""

    message: Text = _("这次导入已经处理过了")
    remedy: Text = _("请回到导入清单看结果")


class BuiltUpon(Refusal):
    """Something was built on what the import made; undoing it would tear that away. `facts` names the first."""

    message: Text = _("导入以后已经有新的改动，不能整批撤销")
    remedy: Text = _("请逐个修改：免去任职，或者改人员信息")
