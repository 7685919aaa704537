// Holds the published types and the script together: it compiles only where they
// are the same. No page loads it.
import type * as real from "./checkout-doctor";
import type { CheckoutDoctor } from "./loader/element";
import type * as published from "./published";

type Same<A, B> = A extends B ? (B extends A ? true : never) : never;

export const functions: Same<typeof real, typeof published> = true;
export const element: CheckoutDoctor extends published.CheckoutDoctorElement ? true : never = true;
