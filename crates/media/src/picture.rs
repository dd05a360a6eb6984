//! From a file somebody sent to pictures that are safe to show.

use std::io::Cursor;

use doorpost_model::{
    limits::{PICTURE_PIXELS_MAX, PICTURE_SIDE_PX_MAX},
    media::PictureSize,
};
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult, Limits, Rgb, RgbImage, RgbaImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
    metadata::Orientation,
};
use serde::{Deserialize, Serialize};

use crate::jpeg;

/// What a decoder may allocate for one picture, in bytes; a picture of all pixels that are taken has room.
const DECODED_BYTES_MAX: u64 = PICTURE_PIXELS_MAX * 8;
const QUALITY: u8 = 82;
/// The longest side of what a blurhash is made from.
const BLURHASH_SIDE_PX: u32 = 32;
/// Components of a blurhash along the longer side, and along the shorter.
const BLURHASH_LONG: u32 = 4;
const BLURHASH_SHORT: u32 = 3;

/// What a picture has become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remade {
    /// Base 83, as blurha.sh has it.
    pub blurhash: String,
    /// The smallest first; at least one.
    pub sizes: Vec<RemadeSize>,
}

/// One size of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemadeSize {
    pub size: PictureSize,
    pub width_px: u32,
    pub height_px: u32,
    /// Without any metadata.
    pub jpeg: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("the file is none of JPEG, PNG, WebP and GIF")]
    Unknown,
    #[error("the picture is damaged or cut short")]
    Damaged,
    #[error("the picture has too many pixels")]
    TooCostly,
}

impl From<ImageError> for Refusal {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooCostly,
            _ => Self::Damaged,
        }
    }
}

/// Makes a picture anew in each size it is large enough for: upright, opaque (on white), of an animation the first
/// picture, and with nothing in it but what is seen. What the file is, its first bytes say.
///
/// # Errors
/// [`Refusal`]
pub fn remake(file: &[u8]) -> Result<Remade, Refusal> {
    let (picture, orientation) = decode(file)?;
    let largest = PictureSize::Large.side_px();
    let mut picture = DynamicImage::ImageRgb8(shrunk(opaque(picture), largest));
    // Turning comes after shrinking: it needs the room of the picture twice.
    picture.apply_orientation(orientation);
    let mut picture = picture.into_rgb8();
    let mut sizes = Vec::new();
    for size in sizes_of(&picture).into_iter().rev() {
        picture = shrunk(picture, size.side_px());
        let (width_px, height_px) = picture.dimensions();
        sizes.push(RemadeSize { size, width_px, height_px, jpeg: encode(&picture)? });
    }
    sizes.reverse();
    Ok(Remade { blurhash: blurhash(picture)?, sizes })
}

fn decode(file: &[u8]) -> Result<(DynamicImage, Orientation), Refusal> {
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif)) => format,
        _ => return Err(Refusal::Unknown),
    };
    if format == ImageFormat::Jpeg && !jpeg::is_whole(file) {
        return Err(Refusal::Damaged);
    }
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(PICTURE_SIDE_PX_MAX);
    limits.max_image_height = Some(PICTURE_SIDE_PX_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PICTURE_PIXELS_MAX {
        return Err(Refusal::TooCostly);
    }
    // A picture whose metadata cannot be read is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// The sizes a picture is large enough for, and the one it fits in.
fn sizes_of(picture: &RgbImage) -> Vec<PictureSize> {
    let longest = picture.width().max(picture.height());
    let mut sizes = Vec::new();
    for &size in PictureSize::ALL {
        sizes.push(size);
        if longest <= size.side_px() {
            break;
        }
    }
    sizes
}

/// The picture on white.
fn opaque(picture: DynamicImage) -> RgbImage {
    if picture.color().has_alpha() { on_white(&picture.into_rgba8()) } else { picture.into_rgb8() }
}

fn on_white(picture: &RgbaImage) -> RgbImage {
    let blend = |value: u8, alpha: u8| {
        let (value, alpha) = (u16::from(value), u16::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (to, from) in opaque.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = from.0;
        *to = Rgb([blend(red, alpha), blend(green, alpha), blend(blue, alpha)]);
    }
    opaque
}

/// The picture with no side longer than `side`, as it is where it fits.
fn shrunk(picture: RgbImage, side: u32) -> RgbImage {
    let Some((width, height)) = fit(&picture, side) else { return picture };
    // Averaging first: it needs little room and time, and what is left to do is small.
    let twice = fit(&picture, 2 * side).map(|(width, height)| imageops::thumbnail(&picture, width, height));
    imageops::resize(twice.as_ref().unwrap_or(&picture), width, height, FilterType::CatmullRom)
}

/// How large a picture is that has to be shrunk for its longest side to have `side` pixels.
fn fit(picture: &RgbImage, side: u32) -> Option<(u32, u32)> {
    let (width, height) = picture.dimensions();
    let longest = u64::from(width.max(height));
    let scaled = |length: u32| {
        let length = (u64::from(length) * u64::from(side) + longest / 2) / longest;
        u32::try_from(length).unwrap_or(side).max(1)
    };
    (longest > u64::from(side)).then(|| (scaled(width), scaled(height)))
}

fn encode(picture: &RgbImage) -> ImageResult<Vec<u8>> {
    let mut jpeg = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))?;
    Ok(jpeg)
}

fn blurhash(picture: RgbImage) -> Result<String, Refusal> {
    let (width, height) = fit(&picture, BLURHASH_SIDE_PX).unwrap_or(picture.dimensions());
    let tiny = DynamicImage::ImageRgb8(imageops::thumbnail(&picture, width, height)).into_rgba8();
    let (across, down) =
        if width >= height { (BLURHASH_LONG, BLURHASH_SHORT) } else { (BLURHASH_SHORT, BLURHASH_LONG) };
    blurhash::encode(across, down, width, height, tiny.as_raw()).map_err(|_| Refusal::Damaged)
}

#[cfg(test)]
mod tests;
