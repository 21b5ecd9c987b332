const form = document.querySelector("#token");
const problem = document.querySelector("#problem");

/**
 * Fetches the OpenAPI document beside this page. When the server wants a token, the reader is asked for one; it is kept in
 * this page's memory and nowhere else.
 *
 * @returns {Promise<{ openApi: object, token: string | undefined }>}
 */
export async function openDocument() {
    let token;
    for (;;) {
        const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
        const response = await fetch("openapi.json", { headers });
        const body = await response.json().catch(() => undefined);
        if (response.ok && body) {
            form.hidden = true;
            problem.textContent = "";
            // The page builders would resolve it against what they think is the document's address.
            body.servers = [{ url: new URL(".", document.baseURI).href.replace(/\/$/, "") }];
            return { openApi: body, token };
        }
        const reason = body?.error?.message ?? `status ${response.status}`;
        problem.textContent = `the tools cannot be shown: ${reason}`;
        if (response.status !== 401 && response.status !== 403) {
            throw new Error(problem.textContent);
        }
        token = await askToken();
    }
}

function askToken() {
    form.hidden = false;
    return new Promise((resolve) => {
        form.addEventListener(
            "submit",
            (event) => {
                event.preventDefault();
                resolve(form.querySelector("input").value.trim());
            },
            { once: true },
        );
    });
}
