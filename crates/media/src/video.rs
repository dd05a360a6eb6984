//! From a video somebody sent to one that is safe to show: what `ffprobe` and `ffmpeg` are asked, and what is believed of
//! their answers.
//!
//! Each [`Task`] is one process ([`crate::filmer::run`]). It finds what was uploaded in its folder and leaves there what it
//! makes.

use doorpost_model::{
    limits::{
        VIDEO_MS_MAX, VIDEO_RATE_MAX, VIDEO_SHOWN_KBITS_MAX, VIDEO_SHOWN_RATE_MAX, VIDEO_SHOWN_SIDE_PX_MAX,
        VIDEO_SIDE_PX_MAX, VIDEO_SIDE_PX_MIN, VIDEO_STREAMS_MAX,
    },
    media::{VideoRefusal, VideoView},
};
use serde::{Deserialize, Serialize};

use crate::programs::Program;

/// Files in the folder of a video that is being made: what was uploaded, what is shown, and a picture of that.
pub const SOURCE: &str = "source";
pub const FILM: &str = "film.mp4";
pub const POSTER: &str = "poster.png";
/// How many first bytes say what a file is.
pub const HEAD_BYTES: usize = 12;
/// Largest answer of `ffprobe` that is read.
pub const ANSWER_BYTES_MAX: u64 = 256 * 1024;

/// Codecs of pictures and of sounds that are read; what else a file has in it is left out.
const PICTURES: [&str; 5] = ["h264", "hevc", "vp8", "vp9", "av1"];
const SOUNDS: [&str; 9] = ["aac", "mp3", "opus", "vorbis", "flac", "alac", "pcm_s16le", "pcm_s16be", "pcm_f32le"];
/// What MP4's container is called where it holds pictures that stand still.
const STILLS: [&[u8; 4]; 8] = [b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"];
/// The same codecs by the names of their decoders.
const DECODERS: &str =
    "h264,hevc,vp8,vp9,av1,libdav1d,aac,mp3,mp3float,opus,vorbis,flac,alac,pcm_s16le,pcm_s16be,pcm_f32le";
/// Pictures a second that no camera makes: the clock of a file that names no rate.
const CLOCK: u64 = 1_000;
/// What a clock's rounding may add, in milliseconds.
const GRACE_MS: u32 = 500;
/// The longest pixel, to either side.
const PIXEL_RATIO_MAX: u64 = 4;

/// What a file holds its streams in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    /// MP4 and QuickTime.
    Mov,
    /// Matroska and WebM.
    Matroska,
}

impl Container {
    /// By a file's first bytes; its name and its type say nothing.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head.first_chunk::<HEAD_BYTES>()? {
            [0x1A, 0x45, 0xDF, 0xA3, ..] => Some(Self::Matroska),
            [0, 0, _, _, b'f', b't', b'y', b'p', brand @ ..] if !STILLS.contains(&brand) => Some(Self::Mov),
            _ => None,
        }
    }

    const fn demuxer(self) -> &'static str {
        match self {
            Self::Mov => "mov",
            Self::Matroska => "matroska",
        }
    }
}

/// Pictures a second, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate(u32, u32);

/// What one process is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Say what was uploaded.
    ExamineSource(Container),
    /// Make the film.
    Film(Container, Source),
    /// Say what the film has become.
    ExamineFilm,
    /// Make a picture of the film.
    Poster,
}

/// What of a file becomes the film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Which of its streams.
    picture: u32,
    sound: Option<u32>,
    /// Of the film.
    rate: Rate,
}

impl Task {
    #[must_use]
    pub const fn program(self) -> Program {
        match self {
            Self::ExamineSource(_) | Self::ExamineFilm => Program::Ffprobe,
            Self::Film(..) | Self::Poster => Program::Ffmpeg,
        }
    }

    /// What the program is told.
    pub(crate) fn arguments(self) -> Vec<String> {
        let (container, file) = match self {
            Self::ExamineSource(container) | Self::Film(container, _) => (container, SOURCE),
            Self::ExamineFilm | Self::Poster => (Container::Mov, FILM),
        };
        let words = match self {
            Self::ExamineSource(_) | Self::ExamineFilm => examine(container, file),
            Self::Film(_, source) => film(container, source),
            Self::Poster => poster(),
        };
        words.into_iter().filter(|word| !word.is_empty()).collect()
    }
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().map(str::to_owned)
}

/// Opens that one file as what it was found to be, and nothing that it names.
fn input(container: Container, file: &str) -> Vec<String> {
    let demuxer = container.demuxer();
    let pixels = VIDEO_SIDE_PX_MAX * VIDEO_SIDE_PX_MAX;
    let text = format!(
        "-protocol_whitelist file -f {demuxer} -format_whitelist {demuxer} -codec_whitelist {DECODERS} \
         -max_pixels {pixels} -threads 2 -i file:{file}"
    );
    words(&text).collect()
}

fn examine(container: Container, file: &str) -> Vec<String> {
    let mut all: Vec<String> = words(
        "-hide_banner -loglevel quiet -of json -show_entries \
         format=nb_streams,duration:stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,\
duration:stream_disposition=attached_pic:stream_side_data=rotation",
    )
    .collect();
    all.extend(input(container, file));
    all
}

fn film(container: Container, source: Source) -> Vec<String> {
    let Source { picture, sound, rate: Rate(pictures, seconds) } = source;
    let most = VIDEO_SHOWN_SIDE_PX_MAX;
    // Square pixels, even sides, and the shorter one no longer than is shown.
    let scale = format!(
        "scale=w='trunc(iw*sar/2)*2':h='trunc(ih/2)*2',setsar=1,\
         scale=w='if(gt(iw,ih),-2,min({most},iw))':h='if(gt(iw,ih),min({most},ih),-2)',setsar=1,fps={pictures}/{seconds}"
    );
    let mut all: Vec<String> = words("-nostdin -hide_banner -loglevel quiet -y").collect();
    all.extend(input(container, SOURCE));
    all.extend(words(&format!("-t {} -map 0:{picture}", (VIDEO_MS_MAX + 2 * GRACE_MS) / 1_000)));
    match sound {
        Some(sound) => all.extend(words(&format!("-map 0:{sound} -c:a aac -b:a 128k -ac 2 -ar 48000"))),
        None => all.push("-an".to_owned()),
    }
    all.extend(["-vf".to_owned(), scale.split_whitespace().collect()]);
    let rate = VIDEO_SHOWN_KBITS_MAX;
    all.extend(words(&format!(
        "-sn -dn -map_metadata -1 -map_chapters -1 -c:v libx264 -preset veryfast -crf 23 -maxrate {rate}k \
         -bufsize {}k -profile:v high -pix_fmt yuv420p -g 60 -threads 2 -fflags +bitexact -flags:v +bitexact \
         -flags:a +bitexact -max_muxing_queue_size 1024 -movflags +faststart -f mp4 file:{FILM}",
        2 * rate
    )));
    all
}

fn poster() -> Vec<String> {
    let mut all: Vec<String> = words("-nostdin -hide_banner -loglevel quiet -y").collect();
    all.extend(input(Container::Mov, FILM));
    all.extend(words(&format!(
        "-map 0:v:0 -vf thumbnail=30 -frames:v 1 -map_metadata -1 -c:v png -f image2 -update 1 file:{POSTER}"
    )));
    all
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<Stream>,
    format: Option<Format>,
}

#[derive(Deserialize)]
struct Format {
    nb_streams: Option<u32>,
    duration: Option<String>,
}

#[derive(Deserialize)]
struct Stream {
    index: u32,
    codec_type: Option<String>,
    codec_name: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    avg_frame_rate: Option<String>,
    duration: Option<String>,
    #[serde(default)]
    disposition: Disposition,
}

#[derive(Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u32,
}

impl Stream {
    fn is(&self, kind: &str, codecs: &[&str]) -> bool {
        let codec = self.codec_name.as_deref();
        self.codec_type.as_deref() == Some(kind) && codec.is_some_and(|codec| codecs.contains(&codec))
    }

    /// A cover of a record is a picture too, but stands still.
    fn moves(&self) -> bool {
        self.is("video", &PICTURES) && self.disposition.attached_pic == 0
    }
}

/// What of an uploaded file becomes the film, by `ffprobe`'s answer.
///
/// # Errors
/// [`VideoRefusal`]
pub fn source(answer: &[u8]) -> Result<Source, VideoRefusal> {
    let Answer { streams, format } = read(answer)?;
    let format = format.ok_or(VideoRefusal::Damaged)?;
    if format.nb_streams.is_none_or(|count| count > VIDEO_STREAMS_MAX) {
        return Err(VideoRefusal::TooCostly);
    }
    let picture = streams.iter().find(|stream| stream.moves()).ok_or(VideoRefusal::Unknown)?;
    check_size(picture)?;
    let declared = [format.duration.as_deref(), picture.duration.as_deref()];
    if declared.into_iter().flatten().filter_map(milliseconds).any(|ms| ms > u64::from(VIDEO_MS_MAX + GRACE_MS)) {
        return Err(VideoRefusal::TooLong);
    }
    let sound = streams.iter().find(|stream| stream.is("audio", &SOUNDS));
    Ok(Source { picture: picture.index, sound: sound.map(|stream| stream.index), rate: rate(picture)? })
}

/// What the film is, by `ffprobe`'s answer.
///
/// # Errors
/// [`VideoRefusal`]
pub fn made(answer: &[u8]) -> Result<VideoView, VideoRefusal> {
    let Answer { streams, format } = read(answer)?;
    let picture = streams.iter().find(|stream| stream.moves()).ok_or(VideoRefusal::Damaged)?;
    let duration = format.and_then(|format| format.duration).as_deref().and_then(milliseconds);
    let (Some(width_px), Some(height_px), Some(duration)) = (picture.width, picture.height, duration) else {
        return Err(VideoRefusal::Damaged);
    };
    let duration_ms = u32::try_from(duration).map_err(|_| VideoRefusal::TooLong)?;
    match duration_ms {
        0 => Err(VideoRefusal::Damaged),
        long if long > VIDEO_MS_MAX + GRACE_MS => Err(VideoRefusal::TooLong),
        _ => Ok(VideoView { width_px, height_px, duration_ms: duration_ms.min(VIDEO_MS_MAX) }),
    }
}

fn read(answer: &[u8]) -> Result<Answer, VideoRefusal> {
    serde_json::from_slice(answer).map_err(|_| VideoRefusal::Damaged)
}

fn check_size(picture: &Stream) -> Result<(), VideoRefusal> {
    let (Some(width), Some(height)) = (picture.width, picture.height) else { return Err(VideoRefusal::Damaged) };
    let (across, down) = picture.sample_aspect_ratio.as_deref().and_then(|text| pair(text, ':')).unwrap_or((1, 1));
    let (across, down) = if across == 0 || down == 0 { (1, 1) } else { (across, down) };
    if across > down * PIXEL_RATIO_MAX || down > across * PIXEL_RATIO_MAX {
        return Err(VideoRefusal::Damaged);
    }
    let shown_width = u64::from(width) * across / down;
    let longest = shown_width.max(u64::from(width)).max(u64::from(height));
    let shortest = shown_width.min(u64::from(height));
    if longest > u64::from(VIDEO_SIDE_PX_MAX) {
        return Err(VideoRefusal::TooCostly);
    }
    if shortest < u64::from(VIDEO_SIDE_PX_MIN) { Err(VideoRefusal::Damaged) } else { Ok(()) }
}

/// As many pictures a second as it has, but no more than are shown.
fn rate(picture: &Stream) -> Result<Rate, VideoRefusal> {
    let most = Rate(VIDEO_SHOWN_RATE_MAX, 1);
    let Some((pictures, seconds)) = picture.avg_frame_rate.as_deref().and_then(|text| pair(text, '/')) else {
        return Ok(most);
    };
    if pictures == 0 || seconds == 0 || pictures >= seconds * CLOCK {
        return Ok(most);
    }
    // A camera's clock is not quite even.
    if pictures > seconds * u64::from(VIDEO_RATE_MAX + 1) {
        return Err(VideoRefusal::TooCostly);
    }
    match (u32::try_from(pictures), u32::try_from(seconds)) {
        (Ok(n), Ok(d)) if pictures <= seconds * u64::from(VIDEO_SHOWN_RATE_MAX) && pictures >= seconds => {
            Ok(Rate(n, d))
        }
        _ => Ok(most),
    }
}

/// Two numbers below 2³², so that nothing made of them overflows.
fn pair(text: &str, between: char) -> Option<(u64, u64)> {
    let (one, other) = text.split_once(between)?;
    Some((one.parse::<u32>().ok()?.into(), other.parse::<u32>().ok()?.into()))
}

fn milliseconds(seconds: &str) -> Option<u64> {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(digits.parse().ok()?)
}

#[cfg(test)]
mod tests;
