import { createNotifyPeople } from './open-notifier.ts';

export const handler = createNotifyPeople();
