"""Migration operations that put a rule into the database itself, where raw SQL meets it too."""

from collections.abc import Iterable

from django.db import migrations

CREATE_FUNCTIONS = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION core_check_edge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE previous text := '';
BEGIN
    IF TG_OP = 'UPDATE' THEN previous := OLD.state; END IF;
    IF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN
        IF NOT EXISTS (
            SELECT 1 FROM core_stateedge WHERE machine = TG_ARGV[0] AND source = previous AND target = NEW.state
        ) THEN
            RAISE EXCEPTION '%: no step from "%" to "%"', TG_ARGV[0], previous, NEW.state
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""
REQUIRE_SECOND_PERSON = """
CREATE FUNCTION core_require_second_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'PUBLISHED' AND OLD.state <> 'PUBLISHED' AND NOT EXISTS (
        SELECT 1 FROM core_approval
        WHERE kind = TG_ARGV[0] AND subject = TG_ARGV[0] || ':' || (to_jsonb(NEW) ->> TG_ARGV[1])
            AND state = 'USED' AND used_at = NEW.published_at
    ) THEN
        RAISE EXCEPTION '% % was not approved by a second person', TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[1]
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
DROP_FUNCTIONS = "DROP FUNCTION core_refuse_change(); DROP FUNCTION core_check_edge();"

Edge = tuple[str, str]


def append_only(table: str) -> migrations.RunSQL:
    """Rows of `table` are never changed nor removed."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION core_refuse_change();"
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();",
        f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};",
    )


def state_machine(table: str, machine: str) -> migrations.RunSQL:
    """The column `state` of `table` follows the edges of `machine` in core_stateedge."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_edge BEFORE INSERT OR UPDATE OF state ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION core_check_edge('{machine}');",
        f"DROP TRIGGER {table}_edge ON {table};",
    )


def edges(machine: str, pairs: Iterable[Edge]) -> migrations.RunSQL:
    """Add steps to a machine; ("", state) is a birth."""
    values = ", ".join(f"('{machine}', '{source}', '{target}')" for source, target in pairs)
    return migrations.RunSQL(
        f"INSERT INTO core_stateedge (machine, source, target) VALUES {values};",
        f"DELETE FROM core_stateedge WHERE (machine, source, target) IN ({values});",
    )


def second_person(table: str, kind: str, key: str) -> migrations.RunSQL:
    """A version of `table` goes into force with the used approval of `kind` whose subject names its column `key`."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_second_person BEFORE UPDATE OF state ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION core_require_second_person('{kind}', '{key}');",
        f"DROP TRIGGER {table}_second_person ON {table};",
    )
