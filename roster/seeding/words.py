"""Invented words the synthetic district is made of."""

GIVEN_NAMES = (
    "Ada Alma Amir Ana Arlo Asa Bea Beau Cara Cleo Cole Dara Dean Devi Dora Eli Elsa Emil Enzo Esme Ezra Faye Finn "
    "Gia Gus Hana Hugo Ida Igor Ines Iris Ivan Jade Jin Joan Jonah Juno Kai Kara Kofi Lars Leah Lena Leo Lila Luca "
    "Luz Mae Malik Mara Max Mei Milo Mina Nadia Nell Nico Nora Omar Opal Otis Owen Pia Priya Quinn Rafa Remy Rosa "
    "Ruby Sam Sara Seth Sofia Tariq Tess Theo Uma Vera Vito Wade Wren Yara Yuri Zane Zoe José Zoë Søren"
).split()
FAMILY_NAMES = (
    "Abbott Acosta Adler Alder Amari Bakker Banda Barlow Birch Bloom Brandt Brook Calder Castro Chavez Cole Cruz "
    "Dalton Diaz Drake Duran Eaton Ekberg Ellis Falk Farrow Field Flores Fox Garcia Gomez Grant Green Hale Haddad "
    "Harper Hayes Hill Holm Ibarra Ito Jansen Juarez Kaplan Keller Khan Kim Kovac Lang Larsen Lee Linden Lopez Lund "
    "Marsh Mendez Meyer Moreau Mori Nair Nash Novak Oakes Okafor Olsen Ortiz Park Patel Pike Quist Ramos Reed Reyes "
    "Rivera Rossi Rowe Sato Shaw Silva Snow Sol Stone Tanaka Torres Underhill Vance Vega Voss Wade Wells Weiss Wolfe "
    "Yates Young Zamora Ziegler O'Hara D'Angelo Núñez"
).split()
SCHOOL_NAMES = (
    "Lincoln Washington Franklin Jefferson Roosevelt Madison Adams Monroe Harrison Cedar Maple Willow Prairie Summit "
    "Riverside Lakeview Hillcrest Meadow Oakwood Pinecrest"
).split()
SUBJECTS = (
    ("Mathematics", "02001"),
    ("English", "01001"),
    ("Science", "03001"),
    ("Social Studies", "04001"),
    ("Art", "05154"),
    ("Physical Education", "08001"),
    ("Music", "05101"),
)
GRADES = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
PRONOUNS = ("she/her", "he/him", "they/them")
