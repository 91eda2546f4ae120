/** What the embedded Lambda keeps. A version freezes the settings that its function had when it was published. */

export interface FunctionSettings {
  readonly role: string;
  readonly runtime: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memorySizeMb: number;
  readonly timeoutSeconds: number;
  readonly layers: readonly string[];
  readonly architectures: readonly string[];
  readonly description: string;
  readonly ephemeralStorageMb: number;
  readonly tracingMode: string;
  readonly logGroup: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly deadLetterArn?: string;
  readonly kmsKeyArn?: string;
  readonly code: FunctionCode;
}

export interface FunctionCode {
  /** Digest of the asset: names its folder among the kept codes. */
  readonly digest: string;
  /** What AWS would say of the archive; here of the asset's digest. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface PolicyStatement {
  readonly sid: string;
  readonly qualifier?: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

export interface FunctionRecord {
  readonly name: string;
  readonly settings: FunctionSettings;
  readonly revisionId: string;
  readonly lastModifiedMs: number;
  /** Number of the newest version ever published; a number is never used again. */
  readonly lastVersion: number;
  readonly reservedConcurrency?: number;
  readonly policy: readonly PolicyStatement[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Epoch milliseconds from which on a function made by the API can be invoked. */
  readonly activeAtMs?: number;
  /** The newest change of the settings, until it comes into effect. */
  readonly update?: FunctionUpdate;
}

export interface FunctionUpdate {
  /** Epoch milliseconds of the clock from which on the change is in effect. */
  readonly inEffectAtMs: number;
  /** What runs until then. */
  readonly before: Pick<FunctionRecord, 'settings' | 'revisionId' | 'lastModifiedMs'>;
}

export interface VersionRecord {
  readonly functionName: string;
  readonly version: string;
  readonly settings: FunctionSettings;
  readonly revisionId: string;
  readonly lastModifiedMs: number;
}

export interface AliasRecord {
  readonly functionName: string;
  readonly name: string;
  readonly functionVersion: string;
  readonly description: string;
  /** Version → share of the traffic in [0, 1]; the rest goes to `functionVersion`. */
  readonly routing: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

export interface EventInvokeConfig {
  readonly functionName: string;
  readonly qualifier: string;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  readonly onSuccessArn?: string;
  readonly onFailureArn?: string;
  readonly lastModifiedMs: number;
}

export const LATEST = '$LATEST';
