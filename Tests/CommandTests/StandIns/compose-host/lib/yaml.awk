# The part of YAML that compose files here are in, as lines of PATH, a tab, and the value; files that come later win.
# Variables come from the environment and from the file `env`. What is not understood is refused.

function refuse(what) {
    printf "%s: this is not understood: %s\n", FILENAME, what > "/dev/stderr"
    refused = 1
    exit 1
}

function trim(text) {
    gsub(/^[ ]+|[ ]+$/, "", text)
    return text
}

function interpolated(text, result, name, fallback, colon) {
    result = ""
    while (match(text, /\$(\$|\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*)/)) {
        result = result substr(text, 1, RSTART - 1)
        name = substr(text, RSTART + 1, RLENGTH - 1)
        text = substr(text, RSTART + RLENGTH)
        if (name == "$") { result = result "$"; continue }
        gsub(/[{}]/, "", name)
        fallback = ""
        colon = index(name, ":-")
        if (colon) { fallback = substr(name, colon + 2); name = substr(name, 1, colon - 1) }
        if (name in ENVIRON) result = result ENVIRON[name]
        else if (name in variables) result = result variables[name]
        else result = result fallback
    }
    return result text
}

function scalar(text, quote) {
    text = trim(text)
    quote = substr(text, 1, 1)
    if (quote == "'" || quote == "\"") {
        if (length(text) < 2 || substr(text, length(text)) != quote) refuse(text)
        text = substr(text, 2, length(text) - 2)
        if (quote == "'") gsub(/''/, "'", text)
        else { gsub(/\\"/, "\"", text); gsub(/\\\\/, "\\", text) }
    } else {
        sub(/[ ]+#.*$/, "", text)
        if (text ~ /^[{&*!|>%@`]/) refuse(text)
    }
    return interpolated(text)
}

function set(path, value) {
    values[path] = value
    if (!(path in places)) { places[path] = ++count; paths[count] = path }
}

# A list replaces the one of an earlier file.
function begin_list(path, i) {
    if (path in lists && lists[path] == file) return
    lists[path] = file
    for (i = 1; i <= count; i++)
        if (index(paths[i], path "/") == 1) { delete values[paths[i]]; delete places[paths[i]]; paths[i] = "" }
    lengths[path] = 0
}

function add(path, value, equals) {
    if (path ~ /\/environment$/) {
        equals = index(value, "=")
        if (!equals) refuse(value)
        set(path "/" substr(value, 1, equals - 1), substr(value, equals + 1))
        return
    }
    begin_list(path)
    set(path "/" lengths[path]++, value)
}

BEGIN {
    if (env != "") while ((getline line < env) > 0)
        if (line ~ /^[A-Za-z_][A-Za-z0-9_]*=/) {
            equals = index(line, "=")
            variables[substr(line, 1, equals - 1)] = substr(line, equals + 1)
        }
}

FNR == 1 { file++; depth = 0 }
/\t/ { refuse($0) }
/^[ ]*(#.*)?$/ || /^---$/ { next }
{
    match($0, /^ */)
    indent = RLENGTH
    text = trim($0)
    is_item = text ~ /^- /
    # A list may stand as far to the left as what it belongs to.
    while (depth > 0 && (indents[depth] > indent || (indents[depth] == indent && !is_item))) depth--
    path = depth ? names[depth] : ""
    if (is_item) {
        if (path == "") refuse($0)
        text = trim(substr(text, 3))
        if (text !~ /^['"]/ && text ~ /: |:$/) refuse($0)
        add(path, scalar(text))
        next
    }
    if (!match(text, /^("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+):( |$)/)) refuse($0)
    key = substr(text, 1, RLENGTH)
    sub(/:[ ]?$/, "", key)
    value = trim(substr(text, RLENGTH + 1))
    path = (path == "" ? "" : path "/") scalar(key)
    if (value == "" || value ~ /^#/) {
        depth++
        indents[depth] = indent
        names[depth] = path
    } else if (value ~ /^\[.*\]$/) {
        n = split(substr(value, 2, length(value) - 2), parts, /,[ ]*/)
        for (i = 1; i <= n; i++) add(path, scalar(parts[i]))
    } else {
        set(path, scalar(value))
    }
}

END {
    if (refused) exit 1
    for (i = 1; i <= count; i++) if (paths[i] != "") printf "%s\t%s\n", paths[i], values[paths[i]]
}
