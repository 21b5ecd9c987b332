"use strict";
const { reporters, Runner } = require("mocha");
const { writeFileSync } = require("node:fs");

/** Mocha's spec reporter, which also writes its counts to the file that `reporterOptions.file` names. */
module.exports = class CountingReporter extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        const { file } = options.reporterOptions ?? {};
        runner.once(Runner.constants.EVENT_RUN_END, () => {
            const { passes, failures, pending } = this.stats;
            writeFileSync(
                file,
                JSON.stringify({ passed: passes, failed: failures, skipped: pending }),
            );
        });
    }
};
