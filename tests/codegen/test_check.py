"""Tests of the checks: each kind of mistake is reported at its line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from spec.codegen.check.names import is_class_name
from tests.codegen.support import (
    COMMITTED,
    CONTRACT,
    SMALL,
    find_line,
    list_mistakes,
    make_small_spec,
    save_spec,
)


def test_checking_the_small_spec_finds_zero_mistakes(tmp_path: Path) -> None:
    assert list_mistakes(save_spec(SMALL, tmp_path)) == []


TICKET = (
    'schema: {type: array, items: {$ref: "#/components/schemas/Lamp"}}\n              x-columns'
)
LAMP_ID = "- {name: lamp_id, in: path, required: true, description: L., schema: {type: integer}}"
WATTS = "watts: {type: number, description: Its power in watts.}"
NAME = "name: {type: string, description: Its name.}"
TIERS = "x-tiers: {guest: 10}\n"
COLUMNS = "x-columns: [name, watts]"
DARK = "{x-errors: [{text: Dark, error: LampNotFound}]}"
DARK_RESPONSE = "{description: D., x-errors: [{text: Dark, error: LampNotFound}]}"
GONE = 'description: W., until: "2020"'
ANSWERS = f'responses: {{"401": {DARK}}}'
RENAMED = (
    'schema: {$ref: "#/components/schemas/Renamed"}\n              x-text: "lamp is {name} now"'
)


def add_elsewhere(rows: str) -> str:
    """Return the tiers of the small spec, followed by x-elsewhere."""
    return f"{TIERS}x-elsewhere: {{{rows}}}\n"


def add_former_path(content: str, path: str = "/api/wicks/{wick}", method: str = "get") -> str:
    """Return the tiers of the small spec, followed by a former path."""
    return f'{TIERS}x-former-paths: {{"{path}": {{{method}: {{{content}}}}}}}\n'


@pytest.mark.parametrize(
    ("old", "new", "marked", "sentence"),
    [
        pytest.param(
            'text/plain:\n              schema: {$ref: "#/components/schemas/Renamed"}',
            'text/plain:\n              schema: {$ref: "#/components/schemas/Lost"}',
            "schemas/Lost",
            "the reference '#/components/schemas/Lost' does not exist in this file.",
            id="a reference to nothing",
        ),
        pytest.param(
            'text/plain:\n              schema: {$ref: "#/components/schemas/Renamed"}',
            'text/plain:\n              schema: {$ref: "other.yaml#/Renamed"}',
            "other.yaml",
            "the reference 'other.yaml#/Renamed' does not exist in this file.",
            id="a reference to another file",
        ),
        pytest.param(
            RENAMED,
            'schema: {$ref: "#/components/parameters/Other"}',
            "parameters/Other",
            "does not exist",
            id="a reference into a missing section",
        ),
        pytest.param(
            WATTS,
            'watts: {$ref: "#/components/x-errors/LampNotFound"}',
            "watts: {",
            "a $ref must point to components/schemas.",
            id="a reference to a part that is not a schema",
        ),
        pytest.param(
            TIERS,
            f'{TIERS}x-text-scalars-until: "2019"\n',
            "x-text-scalars-until",
            "x-text-scalars-until must be one of x-versions (2020, 0.2.0).",
            id="an unknown version that writes scalars as texts",
        ),
        pytest.param(
            "advice: Look for it.}",
            "advice: Look for it., outcome: certain}",
            "outcome: certain",
            "the `outcome` of an error is `unknown`, or left out.",
            id="an error with an outcome that the compiler does not know",
        ),
        pytest.param(
            WATTS,
            "watts: {type: string, pattern: 'a[{]', description: Its power.}",
            "watts: {",
            "braces in a pattern are counts, such as {8} or {1,3}.",
            id="a brace in a pattern that is not a count",
        ),
        pytest.param(
            "operationId: rename_lamp",
            "operationId: get_lamp",
            "    post:",
            "the operationId 'get_lamp' is used twice; the first is on line 12.",
            id="a duplicate operationId",
        ),
        pytest.param(
            "operationId: rename_lamp",
            "operationId: renameLamp",
            "post:",
            "the operationId 'renameLamp' is not a snake_case name.",
            id="an operationId in camel case",
        ),
        pytest.param(
            "operationId: rename_lamp",
            "operationId: class",
            "post:",
            "the operationId 'class' is not a snake_case name.",
            id="an operationId that is a keyword",
        ),
        pytest.param(
            "operationId: rename_lamp\n",
            "description: None.\n",
            "post:",
            "the operationId '' is not a snake_case name.",
            id="no operationId",
        ),
        pytest.param(
            LAMP_ID,
            "- {name: more, in: query, required: true, description: M., schema: {type: integer}}",
            "post:",
            "the path parameter 'lamp_id' of /api/lamps/{lamp_id} is not declared.",
            id="a path parameter that is not declared",
        ),
        pytest.param(
            LAMP_ID,
            LAMP_ID
            + "\n        - {name: room, in: path, description: R, required: true, schema: {}}",
            "name: room",
            "the path parameter 'room' is not in /api/lamps/{lamp_id}.",
            id="a path parameter that is not in the path",
        ),
        pytest.param(
            LAMP_ID,
            "- {name: lamp_id, in: path, required: true, schema: {type: integer}}",
            "- {name: lamp_id",
            "the parameter 'lamp_id' needs a description.",
            id="a parameter without a description",
        ),
        pytest.param(
            LAMP_ID,
            LAMP_ID
            + "\n        - {name: room, in: header, description: R., schema: {type: integer}}",
            "in: header",
            "the parameter 'room' is neither in the path nor the query.",
            id="a parameter in a header",
        ),
        pytest.param(
            LAMP_ID,
            LAMP_ID
            + "\n        - {name: name, in: query, description: N., schema: {type: string}}",
            "post:",
            "two parameters of this operation are named 'name'.",
            id="a name in the query and in the form",
        ),
        pytest.param(
            LAMP_ID,
            LAMP_ID
            + "\n        - {name: self, in: query, description: N., schema: {type: string}}",
            "name: self",
            "the parameter 'self' cannot be a name in Python.",
            id="a parameter named self",
        ),
        pytest.param(
            "/api/lamps/{lamp_id}:",
            "/api/lamps/{lamp_id}?all:",
            "get:",
            "the path '/api/lamps/{lamp_id}?all' is not made of plain text and {parameters}.",
            id="a path with a query",
        ),
        pytest.param(
            "    post:",
            "    delete:",
            "    delete:",
            "/api/lamps/{lamp_id}: only GET and POST are supported, not DELETE.",
            id="another method",
        ),
        pytest.param(
            WATTS,
            "watts: {oneOf: [{type: number}, {type: string}], description: Power.}",
            "watts: {",
            "this schema is not supported: the compiler does not use 'oneOf'.",
            id="oneOf",
        ),
        pytest.param(
            WATTS,
            "watts: {type: [number, string], description: Power.}",
            "watts: {",
            "this schema is not supported: its type is number or string.",
            id="two types",
        ),
        pytest.param(
            WATTS,
            "watts: {type: decimal, description: Power.}",
            "watts: {",
            "this schema is not supported: its type is decimal.",
            id="an unknown type",
        ),
        pytest.param(
            WATTS,
            "watts: {description: Power.}",
            "watts: {",
            "this schema is not supported: its type is nothing.",
            id="no type",
        ),
        pytest.param(
            WATTS,
            "watts: {type: object, properties: {a: {type: string}}, description: Power.}",
            "watts: {",
            "this schema is not supported: an object needs a name of its own.",
            id="an object without a name",
        ),
        pytest.param(
            WATTS,
            "watts: {type: string, enum: [low, high], description: Power.}",
            "watts: {",
            "this schema is not supported: an enum needs a name of its own.",
            id="an enum without a name",
        ),
        pytest.param(
            WATTS,
            "watts: {type: array, items: {type: array, items: {type: string}}, description: W.}",
            "watts: {",
            "this schema is not supported: an array of arrays.",
            id="an array of arrays",
        ),
        pytest.param(
            WATTS,
            "watts: {type: array, items: {type: string}, description: W.}",
            "x-columns: [name, watts]",
            "the CSV column 'watts' is not a single value.",
            id="a list in a CSV column",
        ),
        pytest.param(
            WATTS,
            "watts: {type: number, x-time: hours, description: W.}",
            "watts: {",
            "x-time must be one of instant, seconds, minutes.",
            id="an unknown unit of time",
        ),
        pytest.param(
            WATTS,
            "watts: {type: string, x-time: seconds, description: W.}",
            "watts: {",
            "this schema is not supported: a time is an integer or a number.",
            id="a time that is a text",
        ),
        pytest.param(
            WATTS,
            "watts: {type: number}",
            "watts: {",
            "the field 'watts' needs a description.",
            id="a field without a description",
        ),
        pytest.param(
            WATTS,
            "watts: {type: number, default: much, description: W.}",
            "watts: {",
            "the default 'much' is not a value of this schema.",
            id="a default of another type",
        ),
        pytest.param(
            WATTS,
            'watts: {type: string, pattern: "[0-9", description: W.}',
            "watts: {",
            "this is not a regular expression: ",
            id="a pattern that is not a regular expression",
        ),
        pytest.param(
            NAME,
            NAME + "\n        Watt-hours: {type: number, description: W.}",
            "Watt-hours",
            "'Watt-hours' cannot be a name in Python; give one as x-name.",
            id="a field that is not a Python name",
        ),
        pytest.param(
            WATTS,
            "watts: {type: number, x-name: power, description: W.}",
            "watts: {",
            "x-name is for the fields of a form.",
            id="another name for a field of an answer",
        ),
        pytest.param(
            "required: [name, watts]",
            "required: [name, watts, volts]",
            "required: [name, watts, volts]",
            "the required 'volts' is not one of the properties.",
            id="a required field that does not exist",
        ),
        pytest.param(
            "x-columns: [name, watts]",
            "x-columns: [name, watts, volts]",
            "x-columns",
            "the CSV column 'volts' is not a field of the row.",
            id="a CSV column that is not a field",
        ),
        pytest.param(
            "x-columns: [name, watts]",
            "x-columns: [name]",
            "x-columns",
            "the required field 'watts' does not have a CSV column.",
            id="a required field without a CSV column",
        ),
        pytest.param(
            "x-columns: [name, watts]",
            "x-columns: [name, watts, name]",
            "x-columns",
            "a CSV column is listed twice.",
            id="a duplicate CSV column",
        ),
        pytest.param(
            "required: [name, watts]\n",
            "required: []\n",
            "x-columns",
            "only one CSV column can be absent, not name and watts.",
            id="two CSV columns that may be absent",
        ),
        pytest.param(
            "x-columns: [name, watts]\n",
            "x-cols: [name, watts]\n",
            "x-cols",
            "'x-cols' is not one of the keys that this compiler knows.",
            id="an unknown key of this project",
        ),
        pytest.param(
            "error: LampNotFound}",
            "error: LampGone}",
            "error: LampGone}",
            "'LampGone' is not one of the errors in components.",
            id="an unknown error",
        ),
        pytest.param(
            "builtin: LookupError",
            "builtin: DarkError",
            "    LampNotFound:",
            "the error LampNotFound must derive from a built-in exception.",
            id="an error of an unknown kind",
        ),
        pytest.param(
            "builtin: LookupError",
            "extends: DarkError",
            "    LampNotFound:",
            "the error LampNotFound must extend an error that is defined above.",
            id="an error that extends nothing",
        ),
        pytest.param(
            ", advice: Look for it.}",
            "}",
            "    LampNotFound:",
            "the error LampNotFound needs the key `advice`.",
            id="an error without advice",
        ),
        pytest.param(
            '{text: "No lamp {lamp_id}", error',
            "{error",
            "{error",
            "a row of x-errors needs a `text`.",
            id="an error without its text",
        ),
        pytest.param(
            '"No lamp {lamp_id}"',
            '"No lamp {lamp_id} {lamp_id}"',
            "No lamp",
            "the field 'lamp_id' in this text is not a name, or is used twice.",
            id="a duplicate field in the text of an error",
        ),
        pytest.param(
            "          x-errors:\n",
            "          x-logs:\n",
            '"400":',
            "the status 400 needs x-errors.",
            id="a failure without errors",
        ),
        pytest.param(
            '"400":',
            '"4XX":',
            '"4XX":',
            "'4XX' is not an HTTP status of three digits.",
            id="a range of statuses",
        ),
        pytest.param(
            "      x-repeat: {safe: true, effect: it is renamed again}\n",
            "",
            "    post:",
            "x-repeat needs `safe` (true or false) and `effect` (a string).",
            id="an operation without x-repeat",
        ),
        pytest.param(
            "x-repeat: {safe: true, effect: it is renamed again}",
            "x-repeat: {safe: false, effect: it is renamed again}",
            "    post:",
            "x-repeat needs `unknown` (a string) if `safe` is false, and only then.",
            id="an unsafe operation without advice for an unknown outcome",
        ),
        pytest.param(
            "effect: it is renamed again}",
            "effect: renamed, again}",
            "effect: renamed, again",
            "x-repeat does not have the key 'again'; a string with a comma needs quotes.",
            id="a comma without quotes",
        ),
        pytest.param(
            'x-since: "2020"\n      x-repeat: {safe: true, effect: it',
            'x-since: "2021"\n      x-repeat: {safe: true, effect: it',
            "    post:",
            "x-since must be one of x-versions (2020, 0.2.0).",
            id="an unknown version",
        ),
        pytest.param(
            'x-versions: ["2020", "0.2.0"]',
            "x-versions: [2020, 0.2]",
            "x-versions",
            "x-versions must be different strings of digits and dots.",
            id="versions that are numbers",
        ),
        pytest.param(
            "{guest: 10}",
            "{guest: many}",
            "x-tiers",
            "the tier 'guest' needs a number of tickets.",
            id="a tier without a number",
        ),
        pytest.param(
            "lamp is {name} now",
            "lamp is {volts} now",
            "lamp is",
            "'volts' in x-text is not a field of the schema.",
            id="a sentence with an unknown field",
        ),
        pytest.param(
            "lamp is {name} now",
            "lamp is renamed",
            "text/plain:",
            "x-text must name every field that the schema requires.",
            id="a sentence without its field",
        ),
        pytest.param(
            "lamp is {name} now",
            "lamp is {name} now {",
            "lamp is",
            "a brace in this text is not part of a {field}.",
            id="an unmatched brace",
        ),
        pytest.param(
            "            text/plain:\n",
            "            text/html:\n",
            "text/html",
            "this answer is not supported: its media type is text/html.",
            id="an unknown media type",
        ),
        pytest.param(
            "          application/x-www-form-urlencoded:\n",
            "          application/json:\n",
            "requestBody",
            "a request body is either application/x-www-form-urlencoded or multipart/form-data.",
            id="a JSON body",
        ),
        pytest.param(
            "          application/x-www-form-urlencoded:\n",
            "          multipart/form-data:\n",
            "multipart",
            "a multipart body has exactly one file, and a form does not have a file.",
            id="a multipart body without a file",
        ),
        pytest.param(
            "tags: [hall]\n      summary: Rename",
            "tags: [cellar]\n      summary: Rename",
            "    post:",
            "an operation has one tag, and the tag is one of `tags` at the top.",
            id="an unknown tag",
        ),
        pytest.param(
            "      summary: Rename a lamp.\n",
            "",
            "    post:",
            "the operation rename_lamp needs a summary.",
            id="no summary",
        ),
        pytest.param(
            "    Renamed:\n",
            "    renamed:\n",
            "    renamed:\n",
            "the schema 'renamed' is not named LikeThis.",
            id="a schema in lower case",
        ),
        pytest.param(
            "    Renamed:\n",
            "    Response:\n",
            "    Response:\n",
            "the name Response is taken; give the schema a different name.",
            id="a schema with a name that is taken",
        ),
        pytest.param(
            "  schemas:\n",
            f"  responses: {{NotLit: {DARK_RESPONSE},\n    NOTLit: {DARK_RESPONSE}}}\n  schemas:\n",
            "NOTLit",
            "the responses NotLit and NOTLit have too similar names.",
            id="two responses whose constants have the same name",
        ),
        pytest.param(
            "openapi: 3.1.0\n",
            "openapi: 2.0.0\n",
            "openapi: 2.0.0",
            "this is not OpenAPI 3.1: ",
            id="another version of OpenAPI",
        ),
        pytest.param(
            "  session: {type: apiKey, in: cookie, name: hall_session, x-token-page: /key}\n",
            "  {}\n",
            "  securitySchemes",
            "there must be one security scheme, a cookie.",
            id="no session cookie",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {wires: {value: 3, description: W.}}\n",
            "x-constants",
            "the constant 'wires' is not named LIKE_THIS, or is taken.",
            id="a constant in lower case",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {TIERS: {value: 3, description: W.}}\n",
            "x-constants",
            "the constant 'TIERS' is not named LIKE_THIS, or is taken.",
            id="a constant with a name that is taken",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {WIRES: {value: 3}}\n",
            "x-constants",
            "the constant WIRES needs a description.",
            id="a constant without a description",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {WIRES: {value: 3, description: Red, blue}}\n",
            "x-constants",
            "a constant does not have 'blue'; a string with a comma needs quotes here.",
            id="a constant with a comma",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {WIRES: {value: three, description: W.}}\n",
            "x-constants",
            "the constant WIRES is not an integer; an enum's needs `of`.",
            id="a constant that is a text",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {WIRES: {value: true, description: W.}}\n",
            "x-constants",
            "the constant WIRES is not an integer; an enum's needs `of`.",
            id="a constant that is a boolean",
        ),
        pytest.param(
            TIERS,
            TIERS + "x-constants: {WIRES: {of: Lamp, value: [name], description: W.}}\n",
            "x-constants",
            "'Lamp' is not an enum of components/schemas.",
            id="a constant of a schema that is not an enum",
        ),
        pytest.param(
            TIERS,
            add_elsewhere(f'"404": {DARK}'),
            "x-elsewhere",
            "x-elsewhere must contain 404 and 405 only.",
            id="x-elsewhere without 405",
        ),
        pytest.param(
            TIERS,
            add_elsewhere(f'"404": {DARK}, "405": {{description: D.}}'),
            "x-elsewhere",
            "x-elsewhere needs exactly one row of x-errors for 405.",
            id="x-elsewhere with a status without errors",
        ),
        pytest.param(
            TIERS,
            add_elsewhere(f'"404": {DARK}, "405": {DARK.replace("Lamp", "Key")}'),
            "x-elsewhere",
            "'KeyNotFound' is not one of the errors in components.",
            id="x-elsewhere with an unknown error",
        ),
        pytest.param(
            TIERS,
            add_former_path("description: W., " + ANSWERS),
            "x-former-paths",
            "the `until` of a former path is an older version (2020).",
            id="a former path without until",
        ),
        pytest.param(
            TIERS,
            add_former_path("description: W., until: 0.2.0, " + ANSWERS),
            "x-former-paths",
            "the `until` of a former path is an older version (2020).",
            id="a former path of the newest version",
        ),
        pytest.param(
            TIERS,
            add_former_path('until: "2020", ' + ANSWERS),
            "x-former-paths",
            "the former path /api/wicks/{wick} needs a description.",
            id="a former path without a description",
        ),
        pytest.param(
            TIERS,
            add_former_path(GONE),
            "x-former-paths",
            "the former path /api/wicks/{wick} needs responses.",
            id="a former path without answers",
        ),
        pytest.param(
            TIERS,
            add_former_path(GONE + ", summary: W., " + ANSWERS),
            "x-former-paths",
            "a former path does not have 'summary'.",
            id="a former path with an unknown key",
        ),
        pytest.param(
            TIERS,
            add_former_path(GONE + ", " + ANSWERS, method="put"),
            "x-former-paths",
            "only GET and POST are supported, not PUT.",
            id="a former path with another method",
        ),
        pytest.param(
            TIERS,
            add_former_path(GONE + ", " + ANSWERS, path="/api/wicks?all"),
            "x-former-paths",
            "is not made of plain text and {parameters}.",
            id="a former path with a query",
        ),
        pytest.param(
            TIERS,
            add_former_path(GONE + ", " + ANSWERS.replace("401", "200")),
            "x-former-paths",
            "a former path answers errors only, not 200.",
            id="a former path with a success",
        ),
        pytest.param(
            TIERS,
            add_former_path(GONE + ', responses: {"401": {description: D.}}'),
            "x-former-paths",
            "the status 401 needs x-errors.",
            id="a former path with a status without errors",
        ),
        pytest.param(
            "error: LampNotFound}",
            "error: LampNotFound, since: 0.3.0}",
            "error: LampNotFound,",
            "since must be one of x-versions (2020, 0.2.0).",
            id="an error since an unknown version",
        ),
        pytest.param(
            "error: LampNotFound}",
            "error: LampNotFound, until: 2020}",
            "error: LampNotFound,",
            "until must be one of x-versions (2020, 0.2.0).",
            id="an error until a number",
        ),
        pytest.param(
            "error: LampNotFound}",
            'error: LampNotFound, since: 0.2.0, until: "2020"}',
            "error: LampNotFound,",
            "a row of x-errors cannot end before the version it is known since.",
            id="an error that ends before it begins",
        ),
        pytest.param(
            COLUMNS,
            COLUMNS + "\n              x-order: [watts, name]",
            "x-order",
            "x-order must be a mapping from versions to lists of names.",
            id="an order without a version",
        ),
        pytest.param(
            COLUMNS,
            COLUMNS + "\n              x-order: {0.2.0: [watts, name]}",
            "x-order",
            "x-order is for older versions (2020), not 0.2.0.",
            id="another order in the newest version",
        ),
        pytest.param(
            COLUMNS,
            COLUMNS + '\n              x-order: {"2020": [watts]}',
            "x-order",
            "x-order must contain each of name, watts once.",
            id="an order that lacks a column",
        ),
        pytest.param(
            COLUMNS,
            COLUMNS + '\n              x-order: {"2020": [watts, name]}',
            "x-order",
            "a row in this order looks like a row in the order of x-columns.",
            id="an order that cannot be recognised",
        ),
        pytest.param(
            COLUMNS,
            COLUMNS + "\n              x-ascii-until: 2019",
            "x-ascii-until",
            "x-ascii-until must be one of x-versions (2020, 0.2.0).",
            id="ASCII until an unknown version",
        ),
        pytest.param(
            COLUMNS,
            COLUMNS + '\n              x-ascii-until: "2020"',
            "x-ascii-until",
            "x-ascii-until needs a row of x-errors for 500 of a type like text/csv.",
            id="ASCII only without an error for other text",
        ),
        pytest.param(
            "      required: [name]\n",
            '      required: [name]\n      x-order: {"2020": [name, watts]}\n',
            "x-order",
            "x-order must contain each of name once.",
            id="an order of keys with one too many",
        ),
        pytest.param(
            'lamp is {name} now"',
            'lamp is {name} now"\n              x-order: {"2020": [name]}',
            "x-order",
            "x-order is not used here.",
            id="an order of a sentence",
        ),
        pytest.param(
            WATTS,
            'watts: {type: number, description: W., x-order: {"2020": [a]}}',
            "watts: {",
            "x-order is not used here.",
            id="an order of a number",
        ),
        pytest.param(
            "summary: Rename a lamp.",
            "summary: Rename a lamp.\n      x-tiers: {guest: 5}",
            "x-tiers: {guest: 5}",
            "x-tiers is not used here.",
            id="tiers of an operation",
        ),
        pytest.param(
            WATTS,
            "watts: {type: number, x-time: minutes, description: W.}",
            "watts: {",
            "minutes are null in JSON in some versions, so their type needs null.",
            id="minutes that are never null",
        ),
    ],
)
def test_mistake_in_a_spec_is_reported_at_its_line(
    old: str, new: str, marked: str, sentence: str, tmp_path: Path
) -> None:
    text = make_small_spec((old, new))
    file = save_spec(text, tmp_path)
    mistakes = list_mistakes(file)
    matching = [mistake for mistake in mistakes if sentence in mistake.sentence]
    assert matching, [str(mistake) for mistake in mistakes]
    near = find_line(text, marked.strip("\n"))
    # A node can begin on the line of its key or on the next line.
    assert matching[0].line in (near, near + 1), [str(mistake) for mistake in mistakes]
    assert matching[0].file == file


def list_imported_classes() -> set[str]:
    """Return the classes that the committed package imports from other packages."""
    return {
        name.name
        for file in COMMITTED.glob("*.py")
        for statement in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(statement, ast.ImportFrom) and statement.level == 0
        for name in statement.names
        if is_class_name(name.name)
    }


@pytest.mark.parametrize("name", sorted({"Dialect", "DssApi", "NEWEST"} | list_imported_classes()))
def test_class_that_the_package_imports_cannot_be_a_schema_or_an_error(
    name: str, tmp_path: Path
) -> None:
    error = f"    {name}: {{builtin: LookupError, description: D., advice: A.}}\n"
    schema = f"    {name}: {{type: string, enum: [lit], description: L.}}\n"
    spec = make_small_spec(("  schemas:\n", f"{error}  schemas:\n{schema}"))
    found = {mistake.sentence for mistake in list_mistakes(save_spec(spec, tmp_path))}
    assert found == {
        f"the name {name} is taken; give the error a name that is not taken.",
        f"the name {name} is taken; give the schema a different name.",
    }


def test_get_request_with_a_body_is_a_mistake(tmp_path: Path) -> None:
    body = (
        "      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, "
    )
    body += "properties: {a: {type: string, description: A.}}}}}}\n"
    text = make_small_spec(
        ("      summary: Give a lamp.\n", "      summary: Give a lamp.\n" + body)
    )
    [mistake] = list_mistakes(save_spec(text, tmp_path))
    assert (mistake.line, mistake.sentence) == (
        find_line(text, "requestBody"),
        "a GET request does not have a body.",
    )


def test_circular_schemas_are_a_mistake_and_do_not_loop(tmp_path: Path) -> None:
    circle = (
        'Loop: {$ref: "#/components/schemas/Pool"}\n    Pool: {$ref: "#/components/schemas/Loop"}'
    )
    text = SMALL + f"    {circle}\n"
    sentences = [mistake.sentence for mistake in list_mistakes(save_spec(text, tmp_path))]
    assert "the reference '#/components/schemas/Pool' does not exist in this file." in sentences


def test_array_of_itself_is_a_mistake_and_does_not_loop(tmp_path: Path) -> None:
    text = (
        SMALL
        + '    Self: {type: array, items: {$ref: "#/components/schemas/Self"}, description: S.}\n'
    )
    [mistake] = list_mistakes(save_spec(text, tmp_path))
    assert mistake.sentence == "this schema is not supported: an array of arrays."
    assert mistake.line == find_line(text, "    Self:")


def test_all_mistakes_of_a_spec_are_reported_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = make_small_spec(
        ("x-columns: [name, watts]", "x-columns: [name, watts, volts]"),
        ("error: LampNotFound}", "error: LampGone}"),
        ("operationId: rename_lamp", "operationId: get_lamp"),
        ("lamp is {name} now", "lamp is {name} {now}"),
        (WATTS, "watts: {type: decimal, description: Power.}"),
    )
    mistakes = list_mistakes(save_spec(text, tmp_path))
    assert sorted(mistake.line for mistake in mistakes) == [
        find_line(text, "x-columns"),
        find_line(text, "LampGone"),
        find_line(text, "    post:") + 1,
        find_line(text, "lamp is"),
        find_line(text, "watts: {"),
    ]


def test_mistake_in_the_real_contract_is_reported_at_its_line(tmp_path: Path) -> None:
    lines = CONTRACT.read_text(encoding="utf-8").splitlines(keepends=True)
    columns = [n for n, line in enumerate(lines) if "x-columns: [index, filename]" in line]
    assert len(columns) == 1
    lines[columns[0]] = lines[columns[0]].replace("filename", "file_name")
    mistakes = list_mistakes(save_spec("".join(lines), tmp_path))
    assert {mistake.line for mistake in mistakes} == {columns[0] + 1}
    assert {mistake.sentence for mistake in mistakes} == {
        "the CSV column 'file_name' is not a field of the row.",
        "the required field 'filename' does not have a CSV column.",
    }


def test_constant_with_a_value_outside_its_enum_is_a_mistake(tmp_path: Path) -> None:
    text = make_small_spec(
        (TIERS, TIERS + "x-constants: {LIT: {of: Light, value: [on, off], description: L.}}\n")
    )
    light = "    Light: {type: string, enum: [on, dim], description: L.}\n".replace("on,", '"on",')
    [mistake] = list_mistakes(save_spec(text + light, tmp_path))
    assert mistake.line == find_line(text, "x-constants")
    assert mistake.sentence == "the constant LIT is not a list of on, dim."


@pytest.mark.parametrize(
    "section",
    [
        "paths",
        "components",
        "tags",
        "info",
        "x-versions",
        "security",
        "x-constants",
        "x-elsewhere",
        "x-former-paths",
    ],
)
@pytest.mark.parametrize("value", ["5", "[]", "{}", "null", "[[]]", "{a: {b: 5}}"])
def test_section_with_a_wrong_shape_does_not_crash_the_check(
    section: str, value: str, tmp_path: Path
) -> None:
    lines: list[str] = [*SMALL.splitlines(keepends=True)]
    lines += ["x-constants: {}\n", "x-elsewhere: {}\n", "x-former-paths: {}\n"]
    begin = next(n for n, line in enumerate(lines) if line.startswith(f"{section}:"))
    end = begin + 1
    while end < len(lines) and lines[end].startswith(" "):
        end += 1
    lines[begin:end] = [f"{section}: {value}\n"]
    mistakes = list_mistakes(save_spec("".join(lines), tmp_path))
    assert all(1 <= mistake.line <= len(lines) for mistake in mistakes)
