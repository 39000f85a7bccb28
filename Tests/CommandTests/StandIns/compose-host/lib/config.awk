# Prints lines of yaml.awk, sorted, as the `config` of a form of compose does: with `quote` around what would be no text
# without it.

function printed(text, path) {
    if (text == "" || text ~ /^(yes|no|on|off|true|false|null|~)$/ || (path ~ /\/environment\// && text ~ /^[0-9.]+$/) ||
        text ~ /^[-?:,\[\]{}#&*!|>'"%@`]/ || text ~ /: / || text ~ / #/) {
        if (quote == "'") gsub(/'/, "''", text)
        else { gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text) }
        return quote text quote
    }
    return text
}

BEGIN { FS = "\t" }
form == 2 && /^version/ { next }
{
    n = split($1, parts, "/")
    same = 1
    for (i = 1; i < n; i++) {
        if (same && parts[i] == last[i]) continue
        same = 0
        printf "%*s%s:\n", 2 * (i - 1), "", parts[i]
    }
    if (parts[n] ~ /^[0-9]+$/) printf "%*s- %s\n", 2 * (n - 2), "", printed($2, $1)
    else printf "%*s%s: %s\n", 2 * (n - 1), "", parts[n], printed($2, $1)
    delete last
    for (i = 1; i < n; i++) last[i] = parts[i]
}
