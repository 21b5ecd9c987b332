import type { Attack } from "./attack.ts";
import { browserAttacks } from "./cases/browsers.ts";
import { framingAttacks } from "./cases/framing.ts";
import { http2Attacks } from "./cases/http2.ts";
import { identityAttacks } from "./cases/identity.ts";
import { hostAttacks, methodAttacks, upgradeAttacks } from "./cases/methods.ts";
import { pathAttacks } from "./cases/paths.ts";
import { restAttacks } from "./cases/rest.ts";
import { sessionAttacks } from "./cases/sessions.ts";
import { sizeAttacks } from "./cases/sizes.ts";
import { tlsAttacks } from "./cases/tls.ts";
import { tokenAttacks } from "./cases/tokens.ts";

/** Every case of the attack table, in the order in which it is printed. */
export const attackTable: Attack[] = [
    ...tokenAttacks,
    ...pathAttacks,
    ...framingAttacks,
    ...identityAttacks,
    ...methodAttacks,
    ...hostAttacks,
    ...upgradeAttacks,
    ...sizeAttacks,
    ...browserAttacks,
    ...tlsAttacks,
    ...http2Attacks,
    ...sessionAttacks,
    ...restAttacks,
];
