import * as v from 'valibot';

/** Episodes that people are told of: see `NotificationRecord` in shared/core/notifications. */

/** Body of `POST /models/{model}/notifications/{id}/acknowledge`. */
export const AcknowledgeBody = v.object({
  note: v.pipe(v.string(), v.trim(), v.minLength(1, 'must say something'), v.maxLength(1_000)),
});

/** The page of a notification, with the picture that explains it (data bucket). */
export const notificationPageKey = (model: string, id: string): string => `reports/${model}/notifications/${id}.html`;
