import type { components } from './schema';

type Schemas = components['schemas'];
export type AccountRef = Schemas['AccountRef'];
export type Audience = Schemas['Audience'];
export type AudienceKind = Schemas['AudienceKind'];
export type ConnectionView = Schemas['ConnectionView'];
export type BlockView = Schemas['BlockView'];
export type Decided = Schemas['Decided'];
export type DeclineReason = Schemas['DeclineReason'];
export type DeviceView = Schemas['DeviceView'];
export type InviteCard = Schemas['InviteCard'];
export type InviteTerms = Schemas['InviteTerms'];
export type InviteTermsChange = Schemas['InviteTermsChange'];
export type JoinStatus = Schemas['JoinStatus'];
export type ListDetail = Schemas['ListDetail'];
export type ListView = Schemas['ListView'];
export type Me = Schemas['Me'];
export type MediaUpload = Schemas['MediaUpload'];
export type MediaView = Schemas['MediaView'];
export type MemberView = Schemas['MemberView'];
export type PasskeyView = Schemas['PasskeyView'];
export type PersonView = Schemas['PersonView'];
export type PostMedia = Schemas['PostMedia'];
export type PostView = Schemas['PostView'];
export type QueuedRequest = Schemas['QueuedRequest'];
export type RegistrationCode = Schemas['RegistrationCode'];
export type ReportOutcome = Schemas['ReportOutcome'];
export type ReportReason = Schemas['ReportReason'];
export type Relation = Schemas['Relation'];
export type ServerInfo = Schemas['ServerInfo'];
export type SessionView = Schemas['SessionView'];
export type Suggestion = Schemas['Suggestion'];
export type SuspensionView = Schemas['SuspensionView'];
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}
