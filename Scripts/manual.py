#!/usr/bin/env python3
"""Writes the manual pages of a command from what `--experimental-dump-help` says of it: one for it, and one for each
subcommand.

  COMMAND --experimental-dump-help | Scripts/manual.py VERSION DATE FOLDER
"""
import itertools
import json
import pathlib
import sys


def text(words):
    """The words as roff shows them: no escapes, no requests, and dashes that can be copied."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace("…", "\\[u2026]").replace("–", "\\[en]")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in escaped.split("\n"))


def paragraphs(words):
    """Indented lines are examples, and stay as they are."""
    lines = []
    for block in words.strip("\n").split("\n\n"):
        lines.append(".PP")
        for is_example, rows in itertools.groupby(block.split("\n"), lambda row: row.startswith("  ")):
            if is_example:
                lines += [".RS 4", ".nf", *(text(row[2:]) for row in rows), ".fi", ".RE"]
            else:
                lines += map(text, rows)
    return lines


def names(argument):
    """Each option is told once: with two dashes, or as the letter that it is."""
    shown = []
    for name in argument.get("names", []):
        if name["kind"] == "long":
            shown.append("--" + name["name"])
        elif name["kind"] == "short":
            shown.append("-" + name["name"])
    return shown or ["-" + name["name"] for name in argument.get("names", [])]


def heading(argument):
    value = f"<{argument['valueName']}>" if "valueName" in argument else ""
    if argument["kind"] == "positional":
        return f".TP\n.I {text(value)}"
    shown = "\\fR, \\fB".join(text(name) for name in names(argument))
    suffix = f" \\fI{text(value)}" if argument["kind"] == "option" else ""
    return f".TP\n\\fB{shown}\\fR{suffix}\\fR"


def synopsis(path, command):
    arguments = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    line = ".B " + text(" ".join(path))
    if any(argument["kind"] != "positional" for argument in arguments):
        line += "\n[\\fIoptions\\fR]"
    for argument in arguments:
        if argument["kind"] == "positional":
            word = f"\\fI{text('<' + argument['valueName'] + '>')}\\fR"
            word += "..." if argument["isRepeating"] else ""
            line += "\n" + (f"[{word}]" if argument["isOptional"] else word)
    return line + ("\n\\fIsubcommand\\fR" if command.get("subcommands") else "")


def page(path, command, version, date, related):
    title = "-".join(path)
    lines = [
        f'.TH "{text(title.upper())}" 1 "{date}" "MigrationKit {version}" "MigrationKit"',
        ".nh", ".ad l",
        ".SH NAME", f"{text(title)} \\- {text(command['abstract'].rstrip('.'))}",
        ".SH SYNOPSIS", synopsis(path, command),
    ]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *paragraphs(command["discussion"])[1:]]
    shown = [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]
    if shown:
        lines.append(".SH OPTIONS")
        for argument in shown:
            lines += [heading(argument), text(argument.get("abstract", ""))]
    subcommands = [one for one in command.get("subcommands", []) if one["shouldDisplay"]]
    if subcommands:
        lines.append(".SH SUBCOMMANDS")
        for one in subcommands:
            lines += [f".TP\n.B {text(one['commandName'])}", text(one["abstract"])]
    if related:
        lines += [".SH SEE ALSO", ",\n".join(f".BR {text(one)} (1)" for one in related).replace(",\n.", " ,\n.")]
    return "\n".join(line for line in lines if line) + "\n"


def write(path, command, version, date, folder):
    subcommands = [one for one in command.get("subcommands", []) if one["shouldDisplay"] and one["commandName"] != "help"]
    related = ["-".join([*path, one["commandName"]]) for one in subcommands] or ["-".join(path[:-1])]
    (folder / f"{'-'.join(path)}.1").write_text(page(path, command, version, date, related), encoding="utf-8")
    for one in subcommands:
        write([*path, one["commandName"]], one, version, date, folder)


def main():
    version, date, folder = sys.argv[1:]
    command = json.load(sys.stdin)["command"]
    write([command["commandName"]], command, version, date, pathlib.Path(folder))


if __name__ == "__main__":
    main()
