/** Time as an injected dependency: production gives the host's clock, the simulator a virtual one. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  nowMs(): number;
}
