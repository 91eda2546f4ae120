export {
  acknowledge,
  endEpisode,
  hear,
  type Lease,
  leasedElsewhere,
  leasedTo,
  recordTold,
  remind,
  type ToldResult,
} from './episode.ts';
export {
  alarmSubject,
  heardAlarm,
  heardApproval,
  heardDrift,
  heardPromotion,
  heardQuality,
  heardRetraining,
  heardRollBack,
  heardRolloutStarted,
  heardTests,
  type ModelAlarm,
} from './heard.ts';
export { messageBody, messageSubject, messageText, renderNotification, runbookPlace } from './message.ts';
export type {
  Acknowledgement,
  Heard,
  NotificationEvent,
  NotificationRecord,
  NotificationTarget,
  Telling,
} from './notification.ts';
export { type Picture, type PictureFacts, pictureFile, pictureOf } from './picture.ts';
export type { RetrainingFacts } from './picture-of-retraining.ts';
