import * as v from 'valibot';
import { closedObject } from '../closed-object.ts';
import { UploadId } from '../training-workflow.ts';

/** Requests of the platform API about models that were trained elsewhere. */

export const UploadIdParameter = UploadId;

/** Body of `POST …/uploads`: the length of the file to come, which its URL is signed for. */
export const UploadBody = (mostBytes: number) =>
  closedObject({
    sizeBytes: v.pipe(
      v.number(),
      v.integer('must be a whole number of bytes'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(mostBytes, `must be at most ${mostBytes}: larger models cannot be served`),
    ),
  });

const MOST_TAGS = 20;
const LONGEST_TAG_BYTES = 1_000;
const encoder = new TextEncoder();

const Tags = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[\w.\- /:]{1,250}$/, 'must be 1 to 250 characters in [A-Za-z0-9_.- /:]')),
    v.pipe(
      v.string(),
      v.check(
        (text) => encoder.encode(text).byteLength <= LONGEST_TAG_BYTES,
        `must have at most ${LONGEST_TAG_BYTES} bytes`,
      ),
    ),
  ),
  v.check((tags) => Object.keys(tags).length <= MOST_TAGS, `must have at most ${MOST_TAGS} tags`),
);

/** Body of `POST …/versions`: an upload, and what is to be said of the version that it becomes. */
export const SubmissionBody = closedObject({
  uploadId: UploadId,
  description: v.optional(v.pipe(v.string(), v.maxLength(5_000)), ''),
  tags: v.optional(Tags, {}),
});
