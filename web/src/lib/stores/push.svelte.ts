import { api, body } from '$lib/api/client';
import type { NotificationKind, NotificationMute, NotificationSettings, NotificationSource as Source } from '$lib/api/types';
import { fromBase64url, toBase64url } from '$lib/core/base64url';
import { keepPushWords } from '$lib/device/push-words';
import { t, type MessageKey } from '$lib/i18n/index.svelte';

/** Kinds in the order in which they are chosen about. */
export const KINDS: readonly NotificationKind[] = [
  'connection_request',
  'connection_accepted',
  'new_post',
  'comment',
  'reply',
  'mention',
  'reaction',
  'question_answer',
  'answer_published',
  'story_answer',
  'join_request',
  'request_admitted',
  'request_declined',
  'group_invited',
  'group_request',
  'group_admitted',
  'group_post_pending',
  'group_post_let_through'
];

const idOf = (source: Source) =>
  source.kind === 'chat'
    ? source.chat_id
    : source.kind === 'person'
      ? source.account_id
      : source.kind === 'group'
        ? source.group_id
        : source.post_id;
const isOf = (mute: NotificationMute, source: Source) => mute.source.kind === source.kind && idOf(mute.source) === idOf(source);

/** What the account is told of, and whether this browser gets pushes. */
class Push {
  settings = $state.raw<NotificationSettings>();
  /** `denied`: the browser does not let the app ask again. */
  state = $state<'unknown' | 'unsupported' | 'denied' | 'off' | 'on'>('unknown');

  async load(): Promise<void> {
    this.settings = await body(api.GET('/api/notification-settings'));
    await this.look();
  }

  async change(change: Partial<NotificationSettings>): Promise<void> {
    if (!this.settings) return;
    const before = this.settings;
    const settings = { ...before, ...change };
    this.settings = settings;
    try {
      this.settings = await body(api.PUT('/api/notification-settings', { body: settings }));
    } catch (thrown) {
      this.settings = before;
      throw thrown;
    }
  }

  /** Lets nothing of a source be told until a time, for good, or no more; on all devices. */
  async mute(source: Source, until: number | 'for_good' | 'no_more'): Promise<void> {
    const settings = await body(api.GET('/api/notification-settings'));
    const others = (settings.muted ?? []).filter((mute) => !isOf(mute, source));
    const mine = until === 'no_more' ? [] : [until === 'for_good' ? { source } : { source, until }];
    this.settings = await body(api.PUT('/api/notification-settings', { body: { ...settings, muted: [...others, ...mine] } }));
  }

  async look(): Promise<void> {
    const manager = 'Notification' in window ? await this.#manager() : undefined;
    const subscription = await manager?.getSubscription();
    this.state = !manager ? 'unsupported' : Notification.permission === 'denied' ? 'denied' : subscription ? 'on' : 'off';
  }

  /** Asks the reader's leave, and lets the server push to this browser. */
  async turnOn(): Promise<void> {
    const permission = await Notification.requestPermission();
    const manager = await this.#manager();
    if (permission === 'granted' && manager) {
      const { public_key } = await body(api.GET('/api/push/key'));
      const subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(public_key) });
      await this.#tell(subscription);
      await this.keepWords();
    }
    await this.look();
  }

  async turnOff(): Promise<void> {
    const subscription = await (await this.#manager())?.getSubscription();
    if (subscription) {
      await api.DELETE('/api/push/subscriptions', { body: { endpoint: subscription.endpoint } });
      await subscription.unsubscribe();
    }
    await this.look();
  }

  /** After sign-out, with which the server's side ended: who signs in next chooses anew. */
  async #end(): Promise<void> {
    const subscription = await (await this.#manager())?.getSubscription();
    await subscription?.unsubscribe();
  }

  /** At the app's start: a browser that gets pushes gets them for this session from now on, in the reader's language. */
  async renew(): Promise<void> {
    const subscription = await (await this.#manager())?.getSubscription();
    if (!subscription) return;
    await this.#tell(subscription);
    await this.keepWords();
  }

  async keepWords(): Promise<void> {
    const words = Object.fromEntries(KINDS.map((kind) => [kind, t(`push.kind.${kind}` as MessageKey)]));
    const others = {
      message: t('push.message'),
      other: t('push.other'),
      'more.message': t('push.more.message'),
      'more.other': t('push.more')
    };
    await keepPushWords({ ...words, ...others });
  }

  async #tell(subscription: PushSubscription): Promise<void> {
    const key = (name: PushEncryptionKeyName) => toBase64url(new Uint8Array(subscription.getKey(name)!));
    const request = { endpoint: subscription.endpoint, p256dh: key('p256dh'), auth: key('auth') };
    await api.POST('/api/push/subscriptions', { body: request });
  }

  async #manager(): Promise<PushManager | undefined> {
    const registration = await navigator.serviceWorker?.getRegistration();
    return registration?.pushManager;
  }

  reset(): void {
    this.settings = undefined;
    this.state = 'unknown';
    void this.#end().catch(() => undefined);
  }
}

export const push = new Push();
