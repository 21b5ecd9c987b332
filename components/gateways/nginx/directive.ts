/** One statement of an NGINX configuration: a name, arguments, and a block when it has one. */
export interface Directive {
    name: string;
    args: string[];
    block?: Directive[];
}

/** A statement that ends with `;`. */
export function directive(name: string, ...args: (string | number)[]): Directive {
    return { name, args: args.map(String) };
}

/** A statement with a block; `header` is its name and arguments. */
export function block(header: string[], children: Directive[]): Directive {
    const [name = "", ...args] = header;
    return { name, args, block: children };
}

/** Writes statements as NGINX reads them, four spaces a level. */
export function renderDirectives(directives: Directive[], indent = ""): string {
    return directives
        .map(({ name, args, block: children }) => {
            const line = indent + [name, ...args].map(quote).join(" ");
            return children === undefined
                ? `${line};\n`
                : `${line} {\n${renderDirectives(children, `${indent}    `)}${indent}}\n`;
        })
        .join("");
}

/** Quotes what NGINX would otherwise split or end at; variables are replaced inside quotes as well. */
function quote(argument: string): string {
    return /^[^\s;{}"'\\#]+$/.test(argument)
        ? argument
        : `"${argument.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
