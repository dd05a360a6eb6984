use image::{ImageEncoder as _, Rgba, codecs::png::PngEncoder};
use proptest::prelude::*;

use super::*;

const RED: Rgb<u8> = Rgb([220, 20, 30]);
const BLUE: Rgb<u8> = Rgb([20, 40, 200]);

/// The left half red, the right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE })
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).expect("encoded");
    file.into_inner()
}

/// A JPEG with Exif that says how it is to be turned, and where it was taken.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    exif.extend([0, 2]); // two fields
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]); // a place follows at byte 38
    exif.extend([0, 0, 0, 0]);
    exif.extend([0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"48.8584 N 2.2945 E");
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

fn size(remade: &Remade, size: PictureSize) -> RgbImage {
    let made = remade.sizes.iter().find(|made| made.size == size).expect("a size");
    let picture = image::load_from_memory_with_format(&made.jpeg, ImageFormat::Jpeg).expect("a JPEG").into_rgb8();
    assert_eq!(picture.dimensions(), (made.width_px, made.height_px));
    picture
}

fn is_near(pixel: Rgb<u8>, wanted: Rgb<u8>) -> bool {
    pixel.0.iter().zip(wanted.0).all(|(one, other)| one.abs_diff(other) < 16)
}

fn dimensions(remade: &Remade) -> Vec<(u32, u32)> {
    remade.sizes.iter().map(|made| (made.width_px, made.height_px)).collect()
}

#[test]
fn every_size_that_is_not_larger_than_the_picture() {
    let of = |width, height| dimensions(&remake(&file(halves(width, height), ImageFormat::Png)).expect("a picture"));
    assert_eq!(of(4_000, 3_000), [(320, 240), (960, 720), (2_048, 1_536)]);
    assert_eq!(of(600, 1_200), [(160, 320), (480, 960), (600, 1_200)]);
    assert_eq!(of(500, 400), [(320, 256), (500, 400)]);
    assert_eq!(of(320, 10), [(320, 10)]);
    assert_eq!(of(1, 1), [(1, 1)]);
    assert_eq!(of(16_000, 1), [(320, 1), (960, 1), (2_048, 1)]);
}

#[test]
fn every_kind_that_is_taken_is_seen_as_it_was() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let remade = remake(&file(halves(400, 200), format)).expect("a picture");
        let picture = size(&remade, PictureSize::Small);
        assert!(is_near(*picture.get_pixel(40, 80), RED), "{format:?}");
        assert!(is_near(*picture.get_pixel(280, 80), BLUE), "{format:?}");
        assert!((6..=28).contains(&remade.blurhash.len()), "{format:?}: {}", remade.blurhash);
    }
}

#[test]
fn what_the_camera_wrote_is_gone_and_the_picture_upright() {
    let file = with_exif(&file(halves(400, 200), ImageFormat::Jpeg), 6);
    assert!(file.windows(4).any(|bytes| bytes == b"Exif") && file.windows(7).any(|bytes| bytes == b"48.8584"));
    let remade = remake(&file).expect("a picture");
    for made in &remade.sizes {
        assert!(!made.jpeg.windows(4).any(|bytes| bytes == b"Exif"));
        assert!(!made.jpeg.windows(7).any(|bytes| bytes == b"48.8584"));
    }
    // A quarter turn to the right: what was left is on top.
    let picture = size(&remade, PictureSize::Small);
    assert_eq!(picture.dimensions(), (160, 320));
    assert!(is_near(*picture.get_pixel(80, 40), RED) && is_near(*picture.get_pixel(80, 280), BLUE));
}

#[test]
fn clear_parts_are_white() {
    let clear = RgbaImage::from_pixel(40, 40, Rgba([200, 0, 0, 0]));
    let picture = size(&remake(&file(clear, ImageFormat::Png)).expect("a picture"), PictureSize::Small);
    assert!(is_near(*picture.get_pixel(20, 20), Rgb([255, 255, 255])));
}

#[test]
fn what_only_says_it_is_a_picture_is_refused() {
    for file in [
        b"".as_slice(),
        b"\0",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0",
    ] {
        assert_eq!(remake(file), Err(Refusal::Unknown), "{}", file.escape_ascii());
    }
    for file in [b"\xFF\xD8\xFF\xE0".as_slice(), b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x04\0\0\0WEBP"] {
        assert_eq!(remake(file), Err(Refusal::Damaged), "{}", file.escape_ascii());
    }
}

#[test]
fn what_hangs_on_a_picture_is_dropped() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let mut file = file(halves(64, 64), format);
        file.extend(b"PK\x03\x04<script>alert(1)</script>");
        let remade = remake(&file).expect("a picture");
        assert!(remade.sizes.iter().all(|made| !made.jpeg.windows(8).any(|bytes| bytes == b"<script>")));
    }
}

#[test]
fn pictures_that_are_cut_short_are_refused() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let file = file(halves(200, 200), format);
        for length in [file.len() / 2, file.len() * 9 / 10] {
            assert_eq!(remake(&file[..length]), Err(Refusal::Damaged), "{format:?} of {length} bytes");
        }
    }
}

/// A PNG that says it is so large, with next to nothing in it.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = file(halves(1, 1), ImageFormat::Png);
    file[16..20].copy_from_slice(&width.to_be_bytes());
    file[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32(&file[12..29]).to_be_bytes();
    file[29..33].copy_from_slice(&checksum);
    file
}

/// As PNG has it (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[test]
fn too_many_pixels_are_refused_before_they_are_there() {
    assert_eq!(remake(&bomb(1, 1)).map(|_| ()), Ok(()));
    for (width, height) in [(50_000, 50_000), (PICTURE_SIDE_PX_MAX + 1, 1), (16_000, 16_000), (u32::MAX >> 1, 1)] {
        assert_eq!(remake(&bomb(width, height)), Err(Refusal::TooCostly), "{width} x {height}");
    }
    let mut gif = file(halves(1, 1), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xFF; 4]);
    assert_eq!(remake(&gif), Err(Refusal::TooCostly));
}

#[test]
fn a_picture_of_one_colour_that_unpacks_to_much_is_only_as_large_as_it_says() {
    let picture = RgbImage::from_pixel(7_000, 7_000, BLUE);
    let mut packed = Vec::new();
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut packed).write_image(&picture, width, height, image::ExtendedColorType::Rgb8).expect("encoded");
    drop(picture);
    assert_eq!(dimensions(&remake(&packed).expect("a picture")), [(320, 320), (960, 960), (2_048, 2_048)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is in a file, there is an answer, and what is taken is within the sizes.
    #[test]
    fn every_file_has_an_answer(
        format in prop::sample::select(&[ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..24),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut file = file(halves(48, 32), format);
        for (index, byte) in changes {
            let index = index.index(file.len());
            file[index] = byte;
        }
        if cut {
            file.truncate(length.index(file.len()));
        }
        if let Ok(remade) = remake(&file) {
            prop_assert!(remade.sizes.iter().all(|made| made.width_px.max(made.height_px) <= made.size.side_px()));
        }
    }
}
