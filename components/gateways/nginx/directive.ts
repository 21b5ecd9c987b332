/** An NGINX directive: name, arguments, and possibly a block. */
export interface Directive {
    name: string;
    args: string[];
    block?: Directive[];
}

/** A simple directive. */
export function directive(name: string, ...args: (string | number)[]): Directive {
    return { name, args: args.map(String) };
}

/** A block directive; `header` is its name and arguments. */
export function block(header: string[], children: Directive[]): Directive {
    const [name = "", ...args] = header;
    return { name, args, block: children };
}

/** Renders directives, indented by one space per level: with a thousand servers four would be a sixth of the file. */
export function renderDirectives(directives: Directive[], indent = ""): string {
    return directives
        .map(({ name, args, block: children }) => {
            const line = indent + [name, ...args].map(quote).join(" ");
            return children === undefined
                ? `${line};\n`
                : `${line} {\n${renderDirectives(children, `${indent} `)}${indent}}\n`;
        })
        .join("");
}

/** Quotes arguments with special characters; NGINX expands variables inside quotes too. */
function quote(argument: string): string {
    return /^[^\s;{}"'\\#]+$/.test(argument)
        ? argument
        : `"${argument.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
