//! Folders on a disk.

use meridian_network::load_folder;

use crate::tiny;

fn folder_of(files: &tiny::Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file in the temporary folder");
    }
    folder
}

#[test]
fn a_folder_gives_the_same_network_as_its_texts() {
    let files = tiny::files();
    let folder = folder_of(&files);
    std::fs::write(folder.path().join("README.md"), "Not a part of the network.").unwrap();
    assert_eq!(load_folder(folder.path()).unwrap(), tiny::load(&files).unwrap());
}

#[test]
fn files_that_cannot_be_read_are_named_without_errors_that_follow_from_it() {
    let mut files = tiny::files();
    files.remove("sites.csv");
    files.insert("item.csv", String::new());
    let folder = folder_of(&files);
    std::fs::write(folder.path().join("customers.csv"), b"customer,name\n\xff\xfe").unwrap();
    std::fs::create_dir(folder.path().join("sites.csv")).unwrap();
    let errors = load_folder(folder.path()).unwrap_err().to_string();
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines.len(), 3, "{errors}");
    assert_eq!(lines[0], "customers.csv:2: text in UTF-8");
    assert!(
        lines[1].starts_with("item.csv: no such file in a network; there are network.toml, holidays.csv,")
    );
    assert_eq!(lines[2], "sites.csv: a file that can be read: it is not a regular file");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let errors = load_folder(&folder.path().join("nowhere")).unwrap_err().to_string();
    assert!(errors.contains("nowhere: a folder that can be read: "), "{errors}");
}

#[test]
fn a_file_over_64_mib_is_refused() {
    let mut files = tiny::files();
    files.insert("kits.csv", format!("kit,item,quantity\n# {}\n", "x".repeat(64 * 1024 * 1024)));
    let errors = load_folder(folder_of(&files).path()).unwrap_err();
    assert_eq!(errors.to_string(), "kits.csv: at most 67108864 bytes");
}
