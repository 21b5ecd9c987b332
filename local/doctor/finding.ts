import type { Patient } from "./patient.ts";

/** The first thing that is wrong with a stack. */
export interface Finding {
    /** What is wrong, in one line. */
    what: string;
    /** Why: the words of the part that refuses or fails. */
    why: string;
    /** The command that repairs it, or that shows what to correct. */
    repair: string;
}

/** One step of the examination, which relies on those before it. */
export interface Check {
    name: string;
    /** Resolves to what is wrong, or to nothing. */
    find: (patient: Patient) => Promise<Finding | undefined>;
}
