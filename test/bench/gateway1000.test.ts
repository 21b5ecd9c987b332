import { bars, resultFile } from "../../bench/gateway1000/bars.ts";
import { itMeetsBars } from "./itMeetsBars.ts";

describe("bench/results/gateway1000.json", () => {
    itMeetsBars(resultFile, bars);
});
