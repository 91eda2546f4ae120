/** What names a step's work: equal digests stand for equal inputs, code included. */
export interface StepInputs {
  readonly model: string;
  /** The function's folder. */
  readonly step: string;
  /** SHA-256 over everything the outputs depend on. */
  readonly digest: string;
}

export interface StepOutput {
  /** Of the step's own choosing, such as `model.onnx`. */
  readonly name: string;
  readonly key: string;
  readonly etag: string;
}

/** What a step did: the objects it wrote, and what it says of them, which must be JSON. */
export interface StepResult<Value> {
  readonly outputs: readonly StepOutput[];
  readonly value: Value;
}

/** Pipeline steps by the digest of what they work on. */
export interface StepCache {
  /**
   * Brings the outputs of an earlier equal step to their keys here and gives its value; without one, or when one of
   * its artifacts is gone or has changed, does the work and remembers it.
   */
  run<Value>(
    inputs: StepInputs,
    step: {
      /** Where an output goes, by its name. */
      readonly keyOf: (name: string) => string;
      /** Whether a remembered value is one of this release. */
      readonly isValue: (value: unknown) => value is Value;
      readonly work: () => Promise<StepResult<Value>>;
    },
  ): Promise<{ readonly value: Value; readonly cached: boolean }>;
}
