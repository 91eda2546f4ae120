/** SHA-256 of a text in lower-case hex. */
export type Sha256 = (text: string) => string;

/**
 * The tracking run of a training run: 32 hex digits, as MLflow's clients expect. The model is in it since an
 * execution's name is unique within its state machine only.
 * @param runId the execution's name.
 */
export const trackingRunId = (
  { model, runId }: { readonly model: string; readonly runId: string },
  sha256: Sha256,
): string => sha256(`${model}/${runId}`).slice(0, 32);
