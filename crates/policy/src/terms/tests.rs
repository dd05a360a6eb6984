use doorpost_model::chat::Role;
use proptest::prelude::*;

use super::*;

const NOW: TimeMs = TimeMs(1_700_000_000_000);

fn invite() -> InviteState {
    InviteState {
        admission: Admission::Open,
        seats: None,
        seats_taken: 0,
        expires_at: None,
        closed: false,
        member_count: 1,
    }
}

fn terms() -> InviteTerms {
    InviteTerms { admission: Admission::Open, questions: vec![], seats: None, expires_at: None, ends_with_post: false }
}

#[test]
fn an_invite_expires_at_its_very_millisecond() {
    let invite = InviteState { expires_at: Some(NOW), ..invite() };
    assert_eq!(standing(&invite, NOW.plus(-1)), Standing::Open);
    assert_eq!(standing(&invite, NOW), Standing::Expired);
}

#[test]
fn an_invite_is_full_when_its_seats_or_the_chats_places_are_taken() {
    let seats = |seats_taken| InviteState { seats: Some(2), seats_taken, ..invite() };
    assert_eq!(standing(&seats(1), NOW), Standing::Open);
    assert_eq!(standing(&seats(2), NOW), Standing::Full);
    assert_eq!(standing(&seats(3), NOW), Standing::Full);
    assert_eq!(seats_left(&seats(3)), Some(0));
    let places = |member_count| InviteState { member_count, ..invite() };
    assert_eq!(standing(&places(CHAT_MEMBERS_MAX as u32 - 1), NOW), Standing::Open);
    assert_eq!(standing(&places(CHAT_MEMBERS_MAX as u32), NOW), Standing::Full);
}

#[test]
fn the_buttons_word_follows_the_viewers_own_state() {
    let open = invite();
    let approval = InviteState { admission: Admission::Approval, ..open };
    let full = InviteState { seats: Some(1), seats_taken: 1, ..open };
    let closed = InviteState { closed: true, ..open };
    let expired = InviteState { expires_at: Some(NOW), ..open };
    let none = Membership::None;
    let cases = [
        (open, none, None, JoinButton::Join),
        (approval, none, None, JoinButton::Ask),
        (full, none, None, JoinButton::Full),
        (closed, none, None, JoinButton::Closed),
        (expired, none, None, JoinButton::Closed),
        (closed, Membership::In(Role::Member), None, JoinButton::Open),
        (full, Membership::In(Role::Host), None, JoinButton::Open),
        (open, Membership::Removed, None, JoinButton::Closed),
        (open, Membership::Removed, Some(RequestState::Joined), JoinButton::Closed),
        (approval, none, Some(RequestState::Requested), JoinButton::Requested),
        (full, none, Some(RequestState::Requested), JoinButton::Requested),
        (full, Membership::Admitted, Some(RequestState::Admitted), JoinButton::Joining),
        (expired, none, Some(RequestState::Requested), JoinButton::Closed),
        (approval, none, Some(RequestState::Declined), JoinButton::Declined),
        (closed, none, Some(RequestState::Declined), JoinButton::Declined),
        (approval, none, Some(RequestState::Withdrawn), JoinButton::Ask),
        (open, none, Some(RequestState::Expired), JoinButton::Join),
        (open, none, Some(RequestState::Joined), JoinButton::Join),
    ];
    for (invite, membership, request, word) in cases {
        assert_eq!(button(&invite, membership, request, true, NOW), word, "{invite:?} {membership:?} {request:?}");
    }
}

#[test]
fn terms_have_limits() {
    let with = |change: fn(&mut InviteTerms)| {
        let mut terms = terms();
        change(&mut terms);
        check(&terms, NOW)
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(|terms| terms.seats = Some(0)), Err(TermsError::Seats));
    assert_eq!(with(|terms| terms.seats = Some(SEATS_MAX)), Ok(()));
    assert_eq!(with(|terms| terms.seats = Some(SEATS_MAX + 1)), Err(TermsError::Seats));
    assert_eq!(with(|terms| terms.questions = vec!["Why?".into(); 5]), Ok(()));
    assert_eq!(with(|terms| terms.questions = vec!["Why?".into(); 6]), Err(TermsError::TooManyQuestions));
    assert_eq!(with(|terms| terms.questions = vec![" ".into()]), Err(TermsError::QuestionLength));
    assert_eq!(with(|terms| terms.questions = vec!["é".repeat(QUESTION_CHARS_MAX)]), Ok(()));
    assert_eq!(
        with(|terms| terms.questions = vec!["é".repeat(QUESTION_CHARS_MAX + 1)]),
        Err(TermsError::QuestionLength)
    );
    assert_eq!(with(|terms| terms.expires_at = Some(NOW.plus(INVITE_TTL_MS_MIN))), Ok(()));
    assert_eq!(with(|terms| terms.expires_at = Some(NOW)), Err(TermsError::Expiry));
    assert_eq!(with(|terms| terms.expires_at = Some(NOW.plus(INVITE_TTL_MS_MAX))), Ok(()));
    assert_eq!(with(|terms| terms.expires_at = Some(NOW.plus(INVITE_TTL_MS_MAX + 1))), Err(TermsError::Expiry));
    assert_eq!(with(|terms| terms.expires_at = Some(TimeMs(i64::MIN))), Err(TermsError::Expiry));
}

#[test]
fn a_change_keeps_what_it_leaves_out() {
    let old = InviteTerms {
        admission: Admission::Approval,
        questions: vec!["Why?".into()],
        seats: Some(3),
        // Passed long ago: an edit of the seats alone must still go through.
        expires_at: Some(TimeMs(5)),
        ends_with_post: true,
    };
    assert_eq!(changed(&old, &InviteTermsChange::default(), NOW).as_ref(), Ok(&old));
    let same_again = InviteTermsChange { expires_at: Some(TimeMs(5)), ..Default::default() };
    assert_eq!(changed(&old, &same_again, NOW).as_ref(), Ok(&old));
    let change = InviteTermsChange { seats: Some(7), clear_expiry: true, ..Default::default() };
    let expected = InviteTerms { seats: Some(7), expires_at: None, ..old.clone() };
    assert_eq!(changed(&old, &change, NOW), Ok(expected));
}

#[test]
fn a_change_cannot_set_and_clear_at_once() {
    let seats = InviteTermsChange { seats: Some(7), clear_seats: true, ..Default::default() };
    assert_eq!(changed(&terms(), &seats, NOW), Err(TermsError::SetAndCleared { field: "seats" }));
    let expiry = InviteTermsChange { expires_at: Some(NOW), clear_expiry: true, ..Default::default() };
    assert_eq!(changed(&terms(), &expiry, NOW), Err(TermsError::SetAndCleared { field: "expires_at" }));
}

#[test]
fn every_question_needs_an_answer() {
    let questions = vec!["Why?".to_owned(), "When?".to_owned()];
    let answers = |texts: &[&str]| {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        check_answers(&questions, &texts)
    };
    assert_eq!(answers(&["because", "now"]), Ok(()));
    assert_eq!(answers(&["because"]), Err(AnswersError::Missing));
    assert_eq!(answers(&["because", " \n"]), Err(AnswersError::Missing));
    assert_eq!(answers(&["because", "now", "more"]), Err(AnswersError::TooMany));
    let long = "a".repeat(ANSWER_CHARS_MAX + 1);
    assert_eq!(answers(&["because", &long]), Err(AnswersError::TooLong));
    assert_eq!(check_answers(&[], &[]), Ok(()));
}

proptest! {
    /// Changed terms that name every field are as good or bad as the same terms new.
    #[test]
    fn a_full_change_is_checked_as_new_terms_are(
        seats in 0..SEATS_MAX + 2,
        ttl_ms in -INVITE_TTL_MS_MIN..INVITE_TTL_MS_MAX * 2,
        questions in prop::collection::vec(".{0,205}", 0..7),
    ) {
        let new = InviteTerms {
            questions: questions.clone(),
            seats: Some(seats),
            expires_at: Some(NOW.plus(ttl_ms)),
            ..terms()
        };
        let change = InviteTermsChange {
            questions: Some(questions),
            seats: Some(seats),
            expires_at: new.expires_at,
            ..Default::default()
        };
        prop_assert_eq!(changed(&terms(), &change, NOW), check(&new, NOW).map(|()| new));
    }

    /// Nobody is offered a way in that would be refused for want of a seat or of time.
    #[test]
    fn join_is_offered_only_when_open(
        seats in prop::option::of(0..4_u32),
        seats_taken in 0..5_u32,
        expires in prop::option::of(-2..3_i64),
        closed: bool,
        approval: bool,
    ) {
        let admission = if approval { Admission::Approval } else { Admission::Open };
        let expires_at = expires.map(|offset_ms| NOW.plus(offset_ms));
        let invite = InviteState { admission, seats, seats_taken, expires_at, closed, member_count: 1 };
        let offered = matches!(
            button(&invite, Membership::None, None, true, NOW),
            JoinButton::Join | JoinButton::Ask
        );
        let in_time = expires.is_none_or(|offset_ms| offset_ms > 0);
        let has_seat = seats.is_none_or(|seats| seats_taken < seats);
        prop_assert_eq!(offered, !closed && in_time && has_seat);
    }
}

#[test]
fn who_cannot_have_the_secret_yet_is_told_so_and_nothing_else_changes() {
    for admission in [Admission::Open, Admission::Approval] {
        let invite = InviteState { admission, ..invite() };
        let word = |invite: &InviteState, request| button(invite, Membership::None, request, false, NOW);
        assert_eq!(word(&invite, None), JoinButton::Preparing);
        assert_eq!(word(&invite, Some(RequestState::Withdrawn)), JoinButton::Preparing);
        assert_eq!(word(&invite, Some(RequestState::Requested)), JoinButton::Requested);
        assert_eq!(word(&InviteState { closed: true, ..invite }, None), JoinButton::Closed);
        assert_eq!(word(&InviteState { seats: Some(0), ..invite }, None), JoinButton::Full);
    }
}
