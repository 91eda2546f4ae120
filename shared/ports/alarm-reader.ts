/** An alarm as it stands. */
export interface AlarmState {
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly ringing: boolean;
  /** When it took this state, ISO 8601. */
  readonly stateChangedAt: string;
  readonly reason: string;
}

export interface AlarmReader {
  /** `undefined` when no alarm has the name. */
  read(alarmName: string): Promise<AlarmState | undefined>;
}
