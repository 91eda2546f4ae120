import * as v from 'valibot';

/** The JSON files beside an uploaded model, and the runs of the workflow that takes models in. */

/** What is said of the version that an upload becomes. */
export const SubmissionSchema = v.object({
  schemaVersion: v.literal(1),
  principal: v.string(),
  submittedAtMs: v.number(),
  description: v.string(),
  tags: v.record(v.string(), v.string()),
});
export type Submission = v.InferOutput<typeof SubmissionSchema>;

export const UploadFaultsSchema = v.object({ schemaVersion: v.literal(1), faults: v.array(v.string()) });

/** The execution that takes an upload in: its run's id. */
export const uploadRunId = (uploadId: string): string => `upload-${uploadId}`;
/** The execution that packages a client's version. @param requestKey 32 hex digits. */
export const packagingRunId = (requestKey: string): string => `package-${requestKey}`;
