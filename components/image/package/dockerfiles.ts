import type { NamedPackage } from "./packageSource.ts";

/** Program of every package's image that starts the package's own command. */
export const packageCommand = "/opt/server/start";

const heading =
    "# Written by Slipway from the package's source in the stack; changes are overwritten.";

/** Where a server may write: the only writable directory of a pod unless volumes are mounted, and relative paths lead there. */
const runtime = `ENV HOME=/tmp
WORKDIR /tmp
USER 65532:65532
EXPOSE 8000
ENTRYPOINT ["${packageCommand}"]
`;

/** Dockerfile of a package of npm, for a context with `package.json`, `package-lock.json`, `.npmrc` and `start`. */
export function writeNpmDockerfile({ name, version }: NamedPackage): string {
    return `${heading}
FROM node:24.21.0-trixie-slim
WORKDIR /opt/server
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --cache=/tmp/npm && rm -rf /tmp/npm
COPY start ./
LABEL org.opencontainers.image.title="${name}" \\
    org.opencontainers.image.version="${version}"
ENV PATH="/opt/server/node_modules/.bin:$PATH"
${runtime}`;
}

/** Dockerfile of a package of PyPI, for a context with `requirements.txt` and `make_start.py`. */
export function writePypiDockerfile({ name, version }: NamedPackage): string {
    return `${heading}
FROM python:3.13-slim-trixie
RUN python -m venv /opt/server
COPY requirements.txt make_start.py /opt/server/
RUN /opt/server/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement /opt/server/requirements.txt \\
    && /opt/server/bin/python /opt/server/make_start.py ${name}
LABEL org.opencontainers.image.title="${name}" \\
    org.opencontainers.image.version="${version}"
ENV PATH="/opt/server/bin:$PATH"
${runtime}`;
}

/** Script that starts the command of a package of npm, or says which it has where none is the package's own. */
export function writeStart(name: string, commands: string[]): string {
    const own = commands.find((command) => command === name.replace(/^@[^/]*\//, ""));
    const command = own ?? (commands.length === 1 ? commands[0] : undefined);
    if (command !== undefined) {
        return `#!/bin/sh\nexec "/opt/server/node_modules/.bin/${command}" "$@"\n`;
    }
    return `#!/bin/sh\necho "${describeCommands(name, commands)}" >&2\nexit 64\n`;
}

function describeCommands(name: string, commands: string[]): string {
    return commands.length === 0
        ? `package '${name}' has no command; set 'command' to one of its files: [node, /opt/server/node_modules/${name}/…]`
        : `package '${name}' has the commands ${commands.sort().join(", ")}; set 'command' to one of them`;
}

/** Program that writes `start` in an image of PyPI: the commands of a package are known only after its installation. */
export const makePypiStart = `"""Writes the script that starts a package's own command, or says which commands it has."""
import importlib.metadata
import importlib.util
import pathlib
import re
import sys

package = sys.argv[1]
normal = re.sub(r"[-_.]+", "-", package).lower()
entries = importlib.metadata.distribution(package).entry_points
commands = sorted(entry.name for entry in entries if entry.group == "console_scripts")
own = [name for name in commands if re.sub(r"[-_.]+", "-", name).lower() == normal]
module = normal.replace("-", "_")
if own or len(commands) == 1:
    line = f'exec "/opt/server/bin/{(own or commands)[0]}" "$@"'
elif not commands and importlib.util.find_spec(module) and importlib.util.find_spec(module + ".__main__"):
    line = f'exec /opt/server/bin/python -m {module} "$@"'
else:
    has = "the commands " + ", ".join(commands) if commands else "no command"
    repair = "one of them" if commands else "[python, -m, <module>]"
    line = f"echo \\"package '{package}' has {has}; set 'command' to {repair}\\" >&2; exit 64"
start = pathlib.Path("/opt/server/start")
start.write_text(f"#!/bin/sh\\n{line}\\n")
start.chmod(0o755)
`;
