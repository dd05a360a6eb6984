//! Pictures of the demo's people and pages, drawn here: a sun and hills before a sky, each in colours of its own.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use super::DemoError;

/// The side of a picture.
const SIDE_PX: u32 = 320;

/// A picture as PNG; `number` picks the colours and where the sun stands.
pub fn draw(number: usize) -> Result<Vec<u8>, DemoError> {
    const SKIES: [[u8; 3]; 5] = [[250, 206, 160], [164, 208, 240], [244, 190, 205], [196, 226, 190], [214, 200, 244]];
    const HILLS: [[u8; 3]; 5] = [[150, 84, 60], [48, 98, 124], [128, 60, 92], [56, 110, 70], [84, 70, 140]];
    let (sky, hill) = (SKIES[number % SKIES.len()], HILLS[number % HILLS.len()]);
    let sun = (SIDE_PX / 3 + SIDE_PX / 3 * u32::from(number % 2 == 1), SIDE_PX / 3);
    let picture = RgbImage::from_fn(SIDE_PX, SIDE_PX, |x, y| {
        let (from_sun_x, from_sun_y) = (x.abs_diff(sun.0), y.abs_diff(sun.1));
        let from_middle = x.abs_diff(SIDE_PX / 2);
        let is_near = y > SIDE_PX * 3 / 4 + from_middle / 6;
        let is_far = y > SIDE_PX / 2 + x.abs_diff(sun.0) / 4;
        let in_sun = from_sun_x * from_sun_x + from_sun_y * from_sun_y < SIDE_PX * SIDE_PX / 64;
        Rgb(match (is_near, is_far, in_sun) {
            (true, _, _) => hill,
            (_, true, _) => hill.map(|part| part.saturating_add(44)),
            (_, _, true) => [255, 244, 214],
            _ => sky,
        })
    });
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).map_err(|error| DemoError::System(std::io::Error::other(error)))?;
    Ok(file.into_inner())
}
