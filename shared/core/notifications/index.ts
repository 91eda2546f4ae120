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
  heardQuality,
  heardRetraining,
  heardRollBack,
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
export { type PictureFacts, pictureFile, pictureOf } from './picture.ts';
