import type { ErrorCode } from '#libs/kernel';
import type { Words } from './error-words.ts';

/** Of sign-in by a city's identity provider, each with what the person or the administrator is to do; a part of ERROR_WORDS. */
export const ERROR_WORDS_OF_SSO: Record<Extract<ErrorCode, `SSO.${string}`>, Words> = {
  'SSO.NOT_STARTED_HERE': {
    ja: 'サインインの手続きが、このブラウザーで始まっていないか、すでに終わっています。サインイン画面からやり直してください。',
    en: 'This sign-in was not started in this browser, or is already over. Start again from the sign-in page.',
  },
  'SSO.REQUEST_EXPIRED': {
    ja: 'サインインに10分以上かかったため、受け付けられません。サインイン画面からやり直してください。',
    en: 'The sign-in took longer than ten minutes. Start again from the sign-in page.',
  },
  'SSO.PROVIDER_DISABLED': {
    ja: 'このサインイン連携は停止されています。パスワードでサインインするか、庁内の管理者に連絡してください。',
    en: 'This identity provider is switched off. Use your password or ask your administrator.',
  },
  'SSO.RESPONSE_MALFORMED': {
    ja: '認証基盤からの応答を読み取れません。やり直しても続く場合は、庁内の管理者に連絡してください。',
    en: 'The answer of the identity provider could not be read.',
  },
  'SSO.REFUSED_BY_PROVIDER': {
    ja: '認証基盤でサインインが完了しませんでした。やり直しても続く場合は、庁内の管理者に連絡してください。',
    en: 'The identity provider did not complete the sign-in.',
  },
  'SSO.ENCRYPTION_NOT_SUPPORTED': {
    ja: '認証基盤の応答が暗号化されていて読み取れません。庁内の管理者に、応答の暗号化を外すよう依頼してください。',
    en: 'Encrypted assertions are not supported. Switch assertion encryption off at the identity provider.',
  },
  'SSO.SIGNATURE_MISSING': {
    ja: '認証基盤の応答に必要な署名がありません。庁内の管理者に、アサーションへの署名を設定するよう依頼してください。',
    en: 'The assertion is not signed. Switch assertion signing on at the identity provider.',
  },
  'SSO.SIGNATURE_INVALID': {
    ja: '認証基盤の応答の署名を確認できません。やり直しても続く場合は、庁内の管理者に連絡してください。',
    en: 'The signature of the answer could not be verified.',
  },
  'SSO.ALGORITHM_REFUSED': {
    ja: '認証基盤の署名の方式が弱いか、対応していないものです。庁内の管理者に、SHA-256以上の署名へ変更するよう依頼してください。',
    en: 'The signature algorithm is not allowed. Use SHA-256 or better.',
  },
  'SSO.KEY_UNKNOWN': {
    ja: '認証基盤の署名の鍵が登録されていません。庁内の管理者に、最新の公開鍵を登録するよう依頼してください。',
    en: 'The signing key is not registered. Upload the present keys of the identity provider.',
  },
  'SSO.CERTIFICATE_EXPIRED': {
    ja: '認証基盤の証明書の有効期限が切れています。庁内の管理者に、新しいメタデータを登録するよう依頼してください。',
    en: 'The certificate of the identity provider has expired. Upload its new metadata.',
  },
  'SSO.ISSUER_WRONG': {
    ja: '登録と違う認証基盤からの応答です。庁内の管理者に連絡してください。',
    en: 'The answer comes from another issuer than the registered one.',
  },
  'SSO.AUDIENCE_WRONG': {
    ja: '別のサービスに宛てた応答です。庁内の管理者に、認証基盤に登録した識別子を確認するよう依頼してください。',
    en: 'The answer was issued for another service. Check the registered entity id or client id.',
  },
  'SSO.RECIPIENT_WRONG': {
    ja: '別の送り先に宛てた応答です。庁内の管理者に、認証基盤に登録した応答の送り先を確認するよう依頼してください。',
    en: 'The answer was made for another address. Check the registered assertion consumer address.',
  },
  'SSO.NONCE_WRONG': {
    ja: 'このサインインに対する応答ではありません。サインイン画面からやり直してください。',
    en: 'The answer belongs to another sign-in. Start again.',
  },
  'SSO.CLOCK_DIFFERENCE': {
    ja: '認証基盤とこのサービスの時計が90秒以上ずれています。庁内の管理者に、認証基盤の時刻合わせ（NTP）を確認するよう依頼してください。',
    en: 'The clocks of the identity provider and of this service differ by more than 90 seconds. Check NTP.',
  },
  'SSO.RESPONSE_EXPIRED': {
    ja: '認証基盤の応答の有効期限が過ぎています。サインイン画面からやり直してください。',
    en: 'The answer of the identity provider has expired. Start again.',
  },
  'SSO.REPLAYED': {
    ja: 'この応答はすでに使われています。サインイン画面からやり直してください。',
    en: 'This answer has been used already. Start again.',
  },
  'SSO.SUBJECT_UNUSABLE': {
    ja: '認証基盤が、変わらない利用者の識別子を送っていません。庁内の管理者に、NameID または sub の設定を確認するよう依頼してください。',
    en: 'The identity provider sends no lasting subject. Check NameID or sub.',
  },
  'SSO.LOGIN_ID_UNUSABLE': {
    ja: '認証基盤が、ログインIDとして使える値を送っていません。庁内の管理者に、属性の設定を確認するよう依頼してください。',
    en: 'The identity provider sends no usable login id. Check the attribute settings.',
  },
  'SSO.LOGIN_ID_TAKEN': {
    ja: '同じログインIDの職員がすでに登録されています。庁内の管理者に、職員との対応付けを依頼してください。',
    en: 'A member with this login id exists already. Ask your administrator to link it.',
  },
  'SSO.MEMBER_UNKNOWN': {
    ja: 'このサービスに登録がありません。庁内の管理者に登録を依頼してください。',
    en: 'You are not registered here. Ask your administrator.',
  },
  'SSO.MEMBER_DISABLED': {
    ja: 'このネットワークではサインインできない状態です。庁内の管理者に連絡してください。',
    en: 'You may not sign in on this network. Ask your administrator.',
  },
  'SSO.PROVIDER_UNREACHABLE': {
    ja: '認証基盤に接続できません。しばらく待ってからやり直してください。',
    en: 'The identity provider could not be reached. Try again later.',
  },
  'SSO.METADATA_INVALID': {
    ja: '認証基盤のメタデータに誤りがあります。',
    en: 'The metadata of the identity provider is not usable.',
  },
  'SSO.BACK_CHANNEL_CLOSED': {
    ja: 'この認証基盤へサーバーから接続することは許可されていません。ブラウザー経由（IDトークン）の方式を選ぶか、サービスの運用者に依頼してください。',
    en: 'The server may not call this identity provider. Choose the id_token flow or ask the operator to open it.',
  },
  'SSO.NOT_READY': {
    ja: 'メタデータが登録されていないため、有効にできません。',
    en: 'Upload the metadata first.',
  },
  'SSO.NAME_TAKEN': {
    ja: '同じ名前のサインイン連携があります。',
    en: 'An identity provider with this name exists.',
  },
  'SSO.SUBJECT_TAKEN': {
    ja: 'この識別子か職員は、すでに対応付けられています。',
    en: 'This subject or member is linked already.',
  },
  'SSO.STILL_ENABLED': {
    ja: '有効なサインイン連携は削除できません。先に停止してください。',
    en: 'Switch the identity provider off before removing it.',
  },
};
