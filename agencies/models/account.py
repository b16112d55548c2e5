"""People, the posts they hold, and who stands in for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models

from agencies.choices import Permission, Role
from agencies.fields import EncryptedText
from agencies.models.unit import Unit
from agencies.rules.passwords import RULE, is_mixed
from agencies.scope import Actor, ByUnitPath, ScopedQuerySet, under


class MixedCharactersValidator:
    """Django password validator for `agencies.rules.passwords`."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with the rule when a password breaks it."""
        if not is_mixed(password):
            raise ValidationError(RULE, code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return RULE


class UserQuerySet(ScopedQuerySet["User"]):
    """People who hold or held a post under the actor's units, and accounts still without any post."""

    def _narrow(self, actor: Actor, permission: Permission) -> UserQuerySet:
        held = Post.objects.filter(user=models.OuterRef("pk"))
        mine = held.filter(under(actor.paths(permission), "unit__path"))
        return self.filter(models.Exists(mine) | ~models.Exists(held))


class UserManager(BaseUserManager["User"]):
    """Accounts with their scope; they are made by `agencies.actions.accounts`."""

    def get_queryset(self) -> UserQuerySet:
        """The scoped query set."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, actor: Actor, permission: Permission) -> UserQuerySet:
        """The people `actor` may see under `permission`."""
        return self.get_queryset().visible_to(actor, permission)


class User(AbstractBaseUser):
    """A person who signs in. There is no superuser: every right comes from a post."""

    username = models.CharField("账号", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    phone = EncryptedText("手机", blank=True, default="")
    phone_index = models.CharField(max_length=40, blank=True, db_index=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密", default=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name


class PostQuerySet(ByUnitPath["Post"]):
    """Posts at units under the actor's own."""


class Post(models.Model):
    """A person in a role at a unit from one day to another; nothing is deleted, posts end."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField("岗位", max_length=20, choices=Role)
    first_day = models.DateField("任职起")
    last_day = models.DateField("任职止", null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["unit__path", "role", "id"]
        indexes = [models.Index(fields=["unit", "role"], name="post_unit_role")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"], condition=models.Q(last_day__isnull=True), name="post_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_role_display()}"


class DeputyQuerySet(ByUnitPath["Deputy"]):
    """Deputies of posts under the actor's units."""

    unit_path_field = "post__unit__path"


class Deputy(models.Model):
    """Somebody who acts for a post's holder for some days (代课, 出差)."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="deputies")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deputy_posts")
    first_day = models.DateField("代理起")
    last_day = models.DateField("代理止")
    why = models.CharField("事由", max_length=80)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="deputy_days_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} 代 {self.post}"
