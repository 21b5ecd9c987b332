/** A call of each tool, and what its answer holds of what `braveApi.mjs` says. */
export const searches: [tool: string, args: Record<string, unknown>, expected: RegExp][] = [
    ["brave_web_search", { query: "harbour", summary: true }, /summary-1.*About harbour/],
    ["brave_local_search", { query: "harbour" }, /Coffee beside the ships/],
    ["brave_news_search", { query: "harbour" }, /1 hour ago/],
    ["brave_video_search", { query: "harbour" }, /01:00/],
    ["brave_image_search", { query: "harbour" }, /ship\.png/],
    ["brave_summarizer", { key: "summary-1" }, /Summary of summary-1/],
    ["brave_llm_context", { query: "harbour" }, /Ships leave at noon/],
    ["brave_place_search", { query: "harbour", location: "paris france" }, /Harbour café/],
];
