use super::*;

fn answer(stream: &str, format: &str) -> Vec<u8> {
    format!(
        r#"{{"streams":[{{"index":0,"codec_type":"data"}},{{"index":1,"codec_type":"video","codec_name":"h264",
        "width":1920,"height":1080,"sample_aspect_ratio":"1:1","avg_frame_rate":"25/1"{stream}}},
        {{"index":2,"codec_type":"audio","codec_name":"aac"}}],"format":{{"nb_streams":3{format}}}}}"#
    )
    .into_bytes()
}

fn refusal(stream: &str, format: &str) -> Option<VideoRefusal> {
    source(&answer(stream, format)).err()
}

#[test]
fn the_first_bytes_say_what_a_file_is() {
    assert_eq!(Container::of(b"\0\0\0\x18ftypmp42...."), Some(Container::Mov));
    assert_eq!(Container::of(b"\0\0\0\x14ftypqt  "), Some(Container::Mov));
    assert_eq!(Container::of(b"\x1A\x45\xDF\xA3\x01\0\0\0\0\0\0\x1F"), Some(Container::Matroska));
    let others: [&[u8]; 8] = [
        b"#EXTM3U\n#EXT-X-VERSION:3",
        b"ffconcat version 1.0\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x18ftypheic....",
        b"\0\0\0\x18ftypavif....",
        b"RIFF\0\0\0\0AVI LIST",
        b"\0\0\0\x18ftyp",
        b"",
    ];
    for other in others {
        assert_eq!(Container::of(other), None, "{other:?}");
    }
}

#[test]
fn picture_and_sound_are_found_among_other_streams() {
    let found = source(&answer("", r#","duration":"12.500000""#)).expect("a video");
    assert_eq!(found, Source { picture: 1, sound: Some(2), rate: Rate(25, 1) });
    let fast = answer(r#","avg_frame_rate":"60000/1001""#, "");
    // Of a key that is there twice, serde takes neither.
    assert_eq!(source(&fast), Err(VideoRefusal::Damaged));
    let cover = answer(r#","disposition":{"attached_pic":1}"#, "");
    assert_eq!(source(&cover), Err(VideoRefusal::Unknown), "a record with its cover");
}

#[test]
fn what_is_too_much_is_refused_before_anything_is_decoded() {
    assert_eq!(refusal("", r#","duration":"60.400000""#), None);
    assert_eq!(refusal("", r#","duration":"60.600000""#), Some(VideoRefusal::TooLong));
    assert_eq!(refusal(r#","duration":"3600.0""#, r#","duration":"1.0""#), Some(VideoRefusal::TooLong));
    assert_eq!(refusal("", r#","duration":"99999999999999999999""#), None, "no number: the film says it");
    let with = |from: &str, to: &str| {
        let text = String::from_utf8(answer("", "")).expect("text").replace(from, to);
        source(text.as_bytes())
    };
    assert_eq!(with("1920", "3842").err(), Some(VideoRefusal::TooCostly));
    assert_eq!(with("1920", "4294967295").err(), Some(VideoRefusal::TooCostly));
    assert_eq!(with("1080", "8").err(), Some(VideoRefusal::Damaged));
    assert_eq!(with("1:1", "3:1").err(), Some(VideoRefusal::TooCostly), "5,760 pixels wide as it is shown");
    assert_eq!(with("1:1", "1:4000000000").err(), Some(VideoRefusal::Damaged));
    assert_eq!(with("1:1", "0:1").err(), None);
    assert_eq!(with("\"nb_streams\":3", "\"nb_streams\":17").err(), Some(VideoRefusal::TooCostly));
    assert_eq!(with("h264", "mjpeg").err(), Some(VideoRefusal::Unknown));
    assert_eq!(with("25/1", "120/1").err(), Some(VideoRefusal::TooCostly));
    assert_eq!(with("25/1", "60000/1001").expect("taken").rate, Rate(30, 1));
    assert_eq!(with("25/1", "1000/1").expect("a clock").rate, Rate(30, 1));
    assert_eq!(with("25/1", "0/0").expect("taken").rate, Rate(30, 1));
    assert_eq!(with("aac", "wmav2").expect("taken").sound, None, "it goes silent");
}

#[test]
fn what_the_film_has_become_counts() {
    let of = |duration: &str| made(&answer("", &format!(r#","duration":"{duration}""#)));
    assert_eq!(of("59.987000"), Ok(VideoView { width_px: 1920, height_px: 1080, duration_ms: 59_987 }));
    assert_eq!(of("60.2").expect("rounded").duration_ms, 60_000);
    assert_eq!(of("61.0"), Err(VideoRefusal::TooLong));
    assert_eq!(of("0.0"), Err(VideoRefusal::Damaged));
    assert_eq!(made(b"{}"), Err(VideoRefusal::Damaged));
    assert_eq!(made(b"not JSON"), Err(VideoRefusal::Damaged));
}

#[test]
fn nothing_that_a_file_names_is_opened() {
    let film = Task::Film(Container::Mov, Source { picture: 0, sound: None, rate: Rate(30, 1) });
    for task in [Task::ExamineSource(Container::Matroska), film, Task::ExamineFilm, Task::Poster] {
        let told = task.arguments();
        let at = |word: &str| told.iter().position(|one| one == word).unwrap_or_else(|| panic!("{task:?}: {word}"));
        let input = at("-i");
        for option in ["-protocol_whitelist", "-format_whitelist", "-codec_whitelist", "-f", "-max_pixels"] {
            assert!(at(option) < input, "{task:?}: {option} is about the input");
        }
        assert_eq!(told[at("-protocol_whitelist") + 1], "file");
        assert!(told.iter().all(|word| !word.contains(char::is_whitespace) && !word.is_empty()));
    }
}
