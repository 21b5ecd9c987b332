import { optionTable } from "./bridgeOptions.ts";

const width = 100;
const indent = " ".repeat(8);

/** Usage, as `--help` prints it. */
export const usage = `usage: slipway-bridge [options] -- command [arguments]

Serves the stdio MCP server 'command' over streamable HTTP.

${Object.values(optionTable).map(describe).join("\n")}
  --help
${indent}this text
`;

function describe({
    flag,
    variable,
    help,
}: (typeof optionTable)[keyof typeof optionTable]): string {
    const lines: string[] = [];
    let line = indent;
    for (const word of help.split(" ")) {
        if (line.length + word.length > width) {
            lines.push(line.trimEnd());
            line = indent;
        }
        line += `${word} `;
    }
    return `  --${flag} (${variable})\n${[...lines, line.trimEnd()].join("\n")}`;
}
