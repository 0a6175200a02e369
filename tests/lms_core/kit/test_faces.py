"""The faces of printed documents."""

from lms_core.kit.faces import FACES, face_files


def test_a_face_for_each_use_holds_the_text_and_is_kept() -> None:
    found = face_files("Wanjirũ 1,500/=")
    assert set(found) == set(FACES)
    assert face_files("Wanjirũ 1,500/=") == found


def test_faces_that_somebody_tidied_away_are_cut_again() -> None:
    for file in face_files("Ǩ").values():
        file.unlink()
    assert all(file.stat().st_size > 1000 for file in face_files("Ǩ").values())
