//! Which group each task is in: a few bytes a task, however many there are.

use indexmap::IndexMap;

/// Tasks by number of their kin. An id of 32 hexadecimal digits, as all since 2018 are, takes 16 bytes.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// What stands before the ids, by cluster.
    places: IndexMap<String, Ids>,
}

#[derive(Debug, Clone, Default)]
struct Ids {
    short: Vec<u128>,
    kin: Vec<u32>,
    /// Ids of another form.
    odd: Vec<(String, u32)>,
}

impl Index {
    /// Notes a task.
    pub fn note(&mut self, arn: &str, kin: usize) {
        let (place, id) = arn.rsplit_once('/').unwrap_or(("", arn));
        let kin = u32::try_from(kin).unwrap_or(u32::MAX);
        if !self.places.contains_key(place) {
            self.places.insert(place.to_owned(), Ids::default());
        }
        let Some(ids) = self.places.get_mut(place) else { return };
        let plain = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match u128::from_str_radix(id, 16) {
            Ok(number) if plain => {
                ids.short.push(number);
                ids.kin.push(kin);
            }
            _ => ids.odd.push((id.to_owned(), kin)),
        }
    }

    /// All tasks by ARN, each with the number of its kin.
    pub fn iter(&self) -> impl Iterator<Item = (String, usize)> {
        self.places.iter().flat_map(|(place, ids)| {
            let arn = move |id: &str| if place.is_empty() { id.to_owned() } else { format!("{place}/{id}") };
            let short =
                ids.short.iter().zip(&ids.kin).map(move |(id, kin)| (arn(&format!("{id:032x}")), *kin as usize));
            short.chain(ids.odd.iter().map(move |(id, kin)| (arn(id), *kin as usize)))
        })
    }

    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.places.values().map(|ids| ids.short.len() + ids.odd.len()).sum()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arn_comes_back_as_it_was() {
        let arns = [
            "arn:aws:ecs:eu-west-1:111122223333:task/prod/0123456789abcdef0123456789abcdef",
            "arn:aws:ecs:eu-west-1:111122223333:task/prod/0123456789ABCDEF0123456789abcdef",
            "arn:aws:ecs:eu-west-1:111122223333:task/0c9f4a0e-1111-4222-8333-abcdefabcdef",
            "arn:aws:ecs:eu-west-1:111122223333:task/test/00000000000000000000000000000000",
            "odd",
        ];
        let mut index = Index::default();
        arns.iter().enumerate().for_each(|(kin, arn)| index.note(arn, kin));
        let mut back: Vec<_> = index.iter().collect();
        back.sort_by_key(|(_, kin)| *kin);
        assert_eq!(back.iter().map(|(arn, _)| arn.as_str()).collect::<Vec<_>>(), arns);
        assert_eq!(index.len(), 5);
    }
}
