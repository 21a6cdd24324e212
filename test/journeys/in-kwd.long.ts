import { everyJourney } from "./every-journey.ts";

await everyJourney("KWD");
